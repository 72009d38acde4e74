// SPDX-License-Identifier: GPL-2.0-or-later
// The source's picture, as the network wants it.
#include "drawing.hpp"
#include "matting_filter.hpp"
#include "text.hpp"

#include <stdexcept>

namespace matting {

void MattingFilter::make_textures()
{
	if (effect_)
		return;
	const ObsString path(obs_module_file("effects/alpha.effect"));
	effect_.reset(path ? gs_effect_create_from_file(path.get(), nullptr) : nullptr);
	if (!effect_)
		throw std::runtime_error(text("error.no_effect"));
	effect_image_ = gs_effect_get_param_by_name(effect_.get(), "image");
	effect_size_ = gs_effect_get_param_by_name(effect_.get(), "size");
	target_.reset(gs_texrender_create(GS_RGBA, GS_ZS_NONE));
	straight_.reset(gs_texrender_create(GS_RGBA_UNORM, GS_ZS_NONE));
}

bool MattingFilter::render_target(obs_source_t *target, obs_source_t *parent)
{
	gs_texrender_reset(target_.get());
	const LinearLight light(gs_framebuffer_srgb_enabled());
	const BlendState blend(GS_BLEND_SRCALPHA, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
	if (!gs_texrender_begin_with_color_space(target_.get(), width_, height_, GS_CS_SRGB))
		return false;
	vec4 transparent;
	vec4_zero(&transparent);
	gs_clear(GS_CLEAR_COLOR, &transparent, 0.0f, 0);
	gs_ortho(0.0f, static_cast<float>(width_), 0.0f, static_cast<float>(height_), -100.0f, 100.0f);
	draw_source(target, parent);
	gs_texrender_end(target_.get());
	return true;
}

gs_texture_t *MattingFilter::straighten()
{
	gs_texture_t *picture = gs_texrender_get_texture(target_.get());
	if (!picture)
		return nullptr;
	gs_texrender_reset(straight_.get());
	const LinearLight light(/*encode=*/false); // the effect encodes by itself
	const BlendState blend(GS_BLEND_ONE, GS_BLEND_ZERO, GS_BLEND_ONE, GS_BLEND_ZERO);
	if (!gs_texrender_begin(straight_.get(), width_, height_))
		return nullptr;
	gs_ortho(0.0f, static_cast<float>(width_), 0.0f, static_cast<float>(height_), -100.0f, 100.0f);
	gs_effect_set_texture_srgb(effect_image_, picture);
	while (gs_effect_loop(effect_.get(), "Straighten"))
		gs_draw_sprite(picture, 0, width_, height_);
	gs_texrender_end(straight_.get());
	return gs_texrender_get_texture(straight_.get());
}

} // namespace matting
