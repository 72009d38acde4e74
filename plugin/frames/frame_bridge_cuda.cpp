// SPDX-License-Identifier: GPL-2.0-or-later
//
// Note [Who may touch a slot]
// Everything that this side does goes through one stream: copying a picture into a slot, and a matte out of it into its
// texture. So a slot may be filled anew right after its matte was taken, without waiting. The engine waits for the slot's
// event, which is recorded behind the picture's copy, and says `done` when its own work is complete. Textures are ordered
// by mapping: CUDA comes after what was drawn before it, and what is drawn after unmapping comes after CUDA.
#include "frame_bridge_cuda.hpp"

#include "cuda_frame_memory.hpp"
#include "frame_bridge.hpp"

#include "inference/wire/protocol.hpp"

#include <util/platform.h>

namespace matting {
namespace {

CudaStream make_stream(const CudaContextPointer &context)
{
	const CudaDriver &driver = context->driver();
	cuda::Stream stream = nullptr;
	driver.check(driver.cuStreamCreate(&stream, cuda::stream_non_blocking), "making a stream");
	return {context, stream};
}

/// A texture that is CUDA's for a scope.
class MappedTexture {
public:
	MappedTexture(const CudaDriver &driver, const CudaTexture &texture, cuda::Stream stream)
		: driver_(driver), resource_(texture.get()), stream_(stream)
	{
		driver_.check(driver_.cuGraphicsMapResources(1, &resource_, stream_), "mapping a texture");
	}
	~MappedTexture() { driver_.cuGraphicsUnmapResources(1, &resource_, stream_); }
	MappedTexture(const MappedTexture &) = delete;
	MappedTexture &operator=(const MappedTexture &) = delete;

	cuda::Place place() const
	{
		cuda::Array array = nullptr;
		driver_.check(driver_.cuGraphicsSubResourceGetMappedArray(&array, resource_, 0, 0),
			      "mapping a texture");
		return {.type = cuda::MemoryType::array, .array = array};
	}

private:
	const CudaDriver &driver_;
	cuda::Resource resource_;
	const cuda::Stream stream_;
};

class CudaBridge : public FrameBridge {
public:
	CudaBridge(const CudaContextPointer &context, uint32_t width, uint32_t height)
		: context_(context), driver_(context->driver()), width_(width), height_(height),
		  memory_(std::make_shared<const CudaFrameMemory>(context, width, height)),
		  stream_(make_stream(context)), raw_(gs_texture_create(width, height, GS_RGBA_UNORM, 1, nullptr, 0)),
		  matte_(gs_texrender_create(GS_RGBA, GS_ZS_NONE))
	{
		if (!raw_ || !matte_)
			throw Error("card.no_textures", "there is no graphics memory for textures");
		raw_resource_ = register_texture(context_, raw_.get(), cuda::write_discard);
	}

	std::shared_ptr<const FrameMemory> memory() const override { return memory_; }

	void exchange(gs_texture_t *picture, FrameQueue &queue) override
	{
		const CurrentContext current(*context_);
		if (!picture_resource_)
			picture_resource_ = register_texture(context_, picture, cuda::read_only);
		fetch(queue);
		send(queue);
	}

	gs_texture_t *matte() const override { return has_matte_ ? gs_texrender_get_texture(matte_.get()) : nullptr; }

	void reset() override { has_matte_ = false; }

private:
	cuda::Place place_of(uint32_t slot) const
	{
		return {.type = cuda::MemoryType::device, .device = memory_->slot(slot), .pitch = size_t{4} * width_};
	}

	void copy(const cuda::Place &from, const cuda::Place &to) const
	{
		const cuda::Copy2D copy{from, to, size_t{4} * width_, height_};
		driver_.check(driver_.cuMemcpy2DAsync_v2(&copy, stream_.get()), "copying a picture");
	}

	void fetch(FrameQueue &queue)
	{
		const auto slot = queue.take_matte();
		if (!slot)
			return;
		has_matte_ = false;
		{
			const MappedTexture raw(driver_, raw_resource_, stream_.get());
			copy(place_of(*slot), raw.place());
		}
		queue.release_matte();
		has_matte_ = draw_raw();
	}

	// Byte for byte into a texture that can be drawn as sRGB.
	bool draw_raw()
	{
		gs_texrender_reset(matte_.get());
		const LinearLight light(/*encode=*/false);
		const BlendState blend(GS_BLEND_ONE, GS_BLEND_ZERO, GS_BLEND_ONE, GS_BLEND_ZERO);
		if (!gs_texrender_begin(matte_.get(), width_, height_))
			return false;
		gs_ortho(0.0f, static_cast<float>(width_), 0.0f, static_cast<float>(height_), -100.0f, 100.0f);
		gs_effect_t *effect = obs_get_base_effect(OBS_EFFECT_DEFAULT);
		gs_effect_set_texture(gs_effect_get_param_by_name(effect, "image"), raw_.get());
		while (gs_effect_loop(effect, "Draw"))
			gs_draw_sprite(raw_.get(), 0, width_, height_);
		gs_texrender_end(matte_.get());
		return true;
	}

	void send(FrameQueue &queue)
	{
		const auto slot = queue.begin_frame();
		if (!slot)
			return;
		try {
			{
				const MappedTexture picture(driver_, picture_resource_, stream_.get());
				copy(picture.place(), place_of(*slot));
			}
			driver_.check(driver_.cuEventRecord(memory_->event(*slot), stream_.get()),
				      "marking a frame as complete");
		} catch (...) {
			queue.cancel_frame();
			throw;
		}
		queue.offer_frame(os_gettime_ns());
	}

	const CudaContextPointer context_;
	const CudaDriver &driver_;
	const uint32_t width_, height_;
	const std::shared_ptr<const CudaFrameMemory> memory_;
	const CudaStream stream_;
	const Texture raw_;                           // as the engine wrote it
	const TexRender matte_;                       // the same, to be drawn
	CudaTexture raw_resource_, picture_resource_; // destroyed before the textures
	bool has_matte_ = false;
};

} // namespace

std::unique_ptr<FrameBridge> make_cuda_bridge(const CudaContextPointer &context, uint32_t width, uint32_t height)
{
	const CurrentContext current(*context);
	return std::make_unique<CudaBridge>(context, width, height);
}

} // namespace matting
