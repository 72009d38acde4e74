// SPDX-License-Identifier: GPL-2.0-or-later
// How pictures get from textures to the frames shared with the engine, and back. Graphics thread only, context held.
#pragma once

#include "cuda_devices.hpp"
#include "frame_memory.hpp"
#include "frame_queue.hpp"
#include "host_frames.hpp"

#include "plugin/graphics.hpp"

#include <memory>
#include <optional>
#include <string>

namespace matting {

/// Makes the memory for the frames of one size, and fills it. To be destroyed before the textures that it was given.
class FrameBridge {
public:
	virtual ~FrameBridge() = default;

	/// To be given to who makes the queue for `exchange`.
	virtual std::shared_ptr<const FrameMemory> memory() const = 0;

	/// Fetches the newest matte, if there is one, and takes `picture` on its way to the engine. `picture` is
	/// GS_RGBA_UNORM, straight, sRGB-encoded, of the memory's size, and always the same; it may be drawn to
	/// after the call. Never waits. Throws std::runtime_error when it will not work any more.
	virtual void exchange(gs_texture_t *picture, FrameQueue &queue) = 0;

	/// The last matte fetched, straight, as a GS_RGBA texture; null if there is none. Owned by the bridge.
	virtual gs_texture_t *matte() const = 0;

	/// Forgets pictures and matte.
	virtual void reset() = 0;
};

/// By way of the CPU: works everywhere. Throws std::runtime_error: there is no memory.
std::unique_ptr<FrameBridge> make_cpu_bridge(HostFrames frames);

/// The frames never leave the graphics card. Throws std::runtime_error saying why that is not possible here.
std::unique_ptr<FrameBridge> make_cuda_bridge(const CudaContextPointer &context, uint32_t width, uint32_t height);

struct BridgeChoice {
	std::unique_ptr<FrameBridge> bridge; ///< null: not known yet, ask again at the next frame
	std::string reason;                  ///< why frames take the way of the CPU to a graphics card; or empty
};

/// Makes the best one for an engine. Graphics thread only, context held.
class BridgeMaker {
public:
	/// For an engine on `device` (empty: not known yet). `objection`: why the frames of a CUDA bridge are of no use; or empty.
	/// Throws std::runtime_error when there is none at all.
	BridgeChoice make(const std::string &device, uint32_t width, uint32_t height, const std::string &objection);

private:
	struct Request {
		std::string device;
		uint32_t width = 0, height = 0;
		std::string objection;
		friend bool operator==(const Request &, const Request &) = default;
	};
	std::optional<BridgeChoice> without_cpu(const Request &request);
	BridgeChoice by_way_of_cpu(uint32_t width, uint32_t height);

	Request request_;    // the last one
	std::string detour_; // as it was decided for that: the reason
	HostFramesMaker host_frames_;
};

} // namespace matting
