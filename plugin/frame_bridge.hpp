// SPDX-License-Identifier: GPL-2.0-or-later
// How pictures get from textures to the frames shared with the engine, and back. Graphics thread only, context held.
#pragma once

#include "engine_session.hpp"
#include "graphics.hpp"

#include <memory>

namespace matting {

class FrameBridge {
public:
	virtual ~FrameBridge() = default;

	/// Fetches the newest matte, if there is one, and takes `picture` on its way to the engine. `picture` is
	/// GS_RGBA_UNORM, straight, sRGB-encoded, of the session's size; it may change after the call.
	virtual void exchange(gs_texture_t *picture, EngineSession &session) = 0;

	/// The last matte fetched, straight, as a GS_RGBA texture; null if there is none. Owned by the bridge.
	virtual gs_texture_t *matte() const = 0;

	/// Forgets pictures and matte.
	virtual void reset() = 0;
};

/// By way of the CPU: works everywhere.
std::unique_ptr<FrameBridge> make_cpu_bridge(uint32_t width, uint32_t height);

} // namespace matting
