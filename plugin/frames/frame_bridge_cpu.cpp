// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame_bridge.hpp"

#include "plugin/text.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include <util/platform.h>

namespace matting {
namespace {

constexpr int most_failures = 30; // a second's

std::string memory_problem(uint32_t width, uint32_t height, const std::string &why)
{
	return text("error.no_memory", width, height, why);
}

class CpuBridge : public FrameBridge {
public:
	explicit CpuBridge(HostFrames frames)
		: width_(frames.width), height_(frames.height), memory_(std::move(frames.memory)),
		  stage_(gs_stagesurface_create(width_, height_, GS_RGBA_UNORM)),
		  texture_(gs_texture_create(width_, height_, GS_RGBA, 1, nullptr, GS_DYNAMIC)),
		  last_(std::move(frames.last))
	{
		if (!stage_ || !texture_)
			throw std::runtime_error(memory_problem(width_, height_, text("error.graphics_memory")));
	}

	std::shared_ptr<const FrameMemory> memory() const override { return memory_; }

	void exchange(gs_texture_t *picture, FrameQueue &queue) override
	{
		fetch(queue);
		send_staged(queue);
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
	void fetch(FrameQueue &queue)
	{
		if (const auto slot = queue.take_matte()) {
			gs_texture_set_image(texture_.get(), memory_->slot(*slot), 4 * width_, false);
			queue.release_matte();
			has_matte_ = true;
		}
	}

	// Also what is at rest is staged: to know that it is.
	void send_staged(FrameQueue &queue)
	{
		if (staged_ns_ == 0)
			return;
		uint8_t *pixels;
		uint32_t pitch;
		if (!gs_stagesurface_map(stage_.get(), &pixels, &pitch))
			return note_failure();
		failures_ = 0;
		const bool is_new = !is_last(pixels, pitch);
		if (is_new || !queue.keep_frame(staged_ns_))
			offer(queue, pixels, pitch);
		gs_stagesurface_unmap(stage_.get());
	}

	// It may be for good, as when the graphics card was reset: then the last matte would stay for ever.
	void note_failure()
	{
		if (++failures_ >= most_failures)
			throw std::runtime_error(memory_problem(width_, height_, text("error.graphics_memory")));
	}

	void offer(FrameQueue &queue, const uint8_t *pixels, uint32_t pitch)
	{
		const auto slot = queue.begin_frame();
		if (!slot)
			return;
		for (uint32_t y = 0; y < height_; y++) { // one row after the other: to the second place from the cache
			std::memcpy(last_.data() + row() * y, pixels + size_t{pitch} * y, row());
			std::memcpy(memory_->slot(*slot) + row() * y, last_.data() + row() * y, row());
		}
		has_last_ = true;
		queue.offer_frame(staged_ns_);
	}

	// Whether that is what was offered last.
	bool is_last(const uint8_t *pixels, uint32_t pitch) const
	{
		bool is_same = has_last_;
		for (uint32_t y = 0; is_same && y < height_; y++)
			is_same = std::memcmp(last_.data() + row() * y, pixels + size_t{pitch} * y, row()) == 0;
		return is_same;
	}

	size_t row() const { return size_t{4} * width_; }

	const uint32_t width_, height_;
	const std::shared_ptr<const HostFrameMemory> memory_;
	const StageSurface stage_;
	const Texture texture_;
	uint64_t staged_ns_ = 0; // when the staged picture was taken; 0: there is none
	int failures_ = 0;       // to map it, in a row
	bool has_matte_ = false;
	bool has_last_ = false;
	std::vector<uint8_t> last_; // the picture that was offered last
};

} // namespace

std::unique_ptr<FrameBridge> make_cpu_bridge(HostFrames frames)
{
	return std::make_unique<CpuBridge>(std::move(frames));
}

} // namespace matting
