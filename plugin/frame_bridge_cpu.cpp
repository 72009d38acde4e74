// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame_bridge.hpp"

#include <cstring>
#include <stdexcept>

#include <util/platform.h>

namespace matting {
namespace {

class CpuBridge : public FrameBridge {
public:
	CpuBridge(uint32_t width, uint32_t height)
		: width_(width), height_(height), stage_(gs_stagesurface_create(width, height, GS_RGBA_UNORM)),
		  texture_(gs_texture_create(width, height, GS_RGBA, 1, nullptr, GS_DYNAMIC))
	{
		if (!stage_ || !texture_)
			throw std::runtime_error("there is no graphics memory for the filter's textures");
	}

	void exchange(gs_texture_t *picture, EngineSession &session) override
	{
		fetch(session);
		send_staged(session);
		// Mapping it now would wait for the GPU; at the next frame it is there.
		gs_stage_texture(stage_.get(), picture);
		staged_ns_ = os_gettime_ns();
	}

	gs_texture_t *matte() const override { return has_matte_ ? texture_.get() : nullptr; }

	void reset() override
	{
		staged_ns_ = 0;
		has_matte_ = false;
	}

private:
	void fetch(EngineSession &session)
	{
		if (const uint8_t *matte = session.take_matte()) {
			gs_texture_set_image(texture_.get(), matte, 4 * width_, false);
			session.release_matte();
			has_matte_ = true;
		}
	}

	void send_staged(EngineSession &session)
	{
		if (staged_ns_ == 0)
			return;
		uint8_t *frame = session.begin_frame();
		if (!frame)
			return;
		uint8_t *pixels;
		uint32_t pitch;
		if (!gs_stagesurface_map(stage_.get(), &pixels, &pitch)) {
			session.cancel_frame();
			return;
		}
		for (uint32_t y = 0; y < height_; y++)
			std::memcpy(frame + size_t{4} * width_ * y, pixels + size_t{pitch} * y, size_t{4} * width_);
		gs_stagesurface_unmap(stage_.get());
		session.offer_frame(staged_ns_);
	}

	uint32_t width_, height_;
	StageSurface stage_;
	Texture texture_;
	uint64_t staged_ns_ = 0; // when the staged picture was taken; 0: there is none
	bool has_matte_ = false;
};

} // namespace

std::unique_ptr<FrameBridge> make_cpu_bridge(uint32_t width, uint32_t height)
{
	return std::make_unique<CpuBridge>(width, height);
}

} // namespace matting
