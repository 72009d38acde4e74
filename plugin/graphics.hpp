// SPDX-License-Identifier: GPL-2.0-or-later
// Owners for handles of libobs' graphics. All of them are made, used and freed with the graphics context held.
#pragma once

#include <memory>

#include <graphics/graphics.h>
#include <obs-module.h>

namespace matting {

template<auto destroy> struct Destroy {
	template<typename Handle> void operator()(Handle *handle) const noexcept { destroy(handle); }
};

using Texture = std::unique_ptr<gs_texture_t, Destroy<gs_texture_destroy>>;
using TexRender = std::unique_ptr<gs_texrender_t, Destroy<gs_texrender_destroy>>;
using StageSurface = std::unique_ptr<gs_stagesurf_t, Destroy<gs_stagesurface_destroy>>;
using Effect = std::unique_ptr<gs_effect_t, Destroy<gs_effect_destroy>>;

/// Memory that libobs gave away: paths, mostly.
using ObsString = std::unique_ptr<char, Destroy<bfree>>;

/// Holds the graphics context for a scope.
class GraphicsLock {
public:
	GraphicsLock() { obs_enter_graphics(); }
	~GraphicsLock() { obs_leave_graphics(); }
	GraphicsLock(const GraphicsLock &) = delete;
	GraphicsLock &operator=(const GraphicsLock &) = delete;
};

/// Blends by this function in a scope, also where libobs has turned blending off.
class BlendState {
public:
	BlendState(gs_blend_type source, gs_blend_type destination, gs_blend_type source_alpha,
		   gs_blend_type destination_alpha)
	{
		gs_blend_state_push();
		gs_enable_blending(true);
		gs_blend_function_separate(source, destination, source_alpha, destination_alpha);
	}
	~BlendState() { gs_blend_state_pop(); }
	BlendState(const BlendState &) = delete;
	BlendState &operator=(const BlendState &) = delete;
};

/// Sets for a scope whether what is written to an sRGB target is encoded, and whether sources draw in linear light.
class LinearLight {
public:
	explicit LinearLight(bool encode)
		: framebuffer_(gs_framebuffer_srgb_enabled()), linear_(gs_set_linear_srgb(true))
	{
		gs_enable_framebuffer_srgb(encode);
	}
	~LinearLight()
	{
		gs_enable_framebuffer_srgb(framebuffer_);
		gs_set_linear_srgb(linear_);
	}
	LinearLight(const LinearLight &) = delete;
	LinearLight &operator=(const LinearLight &) = delete;

private:
	bool framebuffer_, linear_;
};

} // namespace matting
