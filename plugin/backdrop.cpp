// SPDX-License-Identifier: GPL-2.0-or-later
#include "backdrop.hpp"

#include <algorithm>

namespace matting {
namespace {

constexpr uint32_t blurred_width = 256;

void loop_effect(gs_effect_t *effect, const char *technique, gs_texture_t *texture, uint32_t width, uint32_t height)
{
	while (gs_effect_loop(effect, technique))
		gs_draw_sprite(texture, 0, width, height);
}

// As large as is needed to cover the rectangle, the middle of it.
void draw_covering(gs_texture_t *texture, uint32_t width, uint32_t height)
{
	const auto its_width = static_cast<float>(gs_texture_get_width(texture)),
		   its_height = static_cast<float>(gs_texture_get_height(texture));
	const auto to_width = static_cast<float>(width), to_height = static_cast<float>(height);
	const float scale = std::max(to_width / its_width, to_height / its_height);
	const auto part_width = static_cast<uint32_t>(std::min(its_width, to_width / scale)),
		   part_height = static_cast<uint32_t>(std::min(its_height, to_height / scale));
	if (part_width == 0 || part_height == 0)
		return;
	const LinearLight light(/*encode=*/true);
	const BlendState blend(GS_BLEND_SRCALPHA, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
	gs_effect_t *effect = obs_get_base_effect(OBS_EFFECT_DEFAULT);
	gs_effect_set_texture_srgb(gs_effect_get_param_by_name(effect, "image"), texture);
	gs_matrix_push();
	gs_matrix_scale3f(to_width / static_cast<float>(part_width), to_height / static_cast<float>(part_height), 1);
	while (gs_effect_loop(effect, "Draw"))
		gs_draw_sprite_subregion(texture, 0,
					 static_cast<uint32_t>((its_width - static_cast<float>(part_width)) / 2),
					 static_cast<uint32_t>((its_height - static_cast<float>(part_height)) / 2),
					 part_width, part_height);
	gs_matrix_pop();
}

void draw_colour(uint32_t colour, uint32_t width, uint32_t height)
{
	const LinearLight light(/*encode=*/true);
	const BlendState blend(GS_BLEND_ONE, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
	gs_effect_t *effect = obs_get_base_effect(OBS_EFFECT_SOLID);
	vec4 value;
	vec4_from_rgba_srgb(&value, colour | 0xFF000000);
	gs_effect_set_vec4(gs_effect_get_param_by_name(effect, "color"), &value);
	loop_effect(effect, "Solid", nullptr, width, height);
}

} // namespace

void Backdrop::prepare(const Presentation &presentation, const Background &plate)
{
	presentation_ = presentation;
	const bool is_blurred = presentation.behind == Behind::blurred || presentation.not_ready == Behind::blurred;
	const bool needs_plate = is_blurred || presentation.view >= view_names.size();
	plate_.want(needs_plate ? plate.path : std::string());
	behind_.want(presentation.behind == Behind::picture ? presentation.behind_picture : std::string());
	not_ready_.want(presentation.not_ready == Behind::picture ? presentation.not_ready_picture : std::string());
}

PictureFlaw Backdrop::flaw()
{
	for (LoadedPicture *picture : {&plate_, &behind_, &not_ready_})
		picture->look();
	const auto flaw_of = [](Behind what, const std::string &path, const LoadedPicture &picture) {
		if (what != Behind::picture)
			return PictureFlaw::none;
		return path.empty() ? PictureFlaw::unreadable : picture.flaw();
	};
	const PictureFlaw behind = flaw_of(presentation_.behind, presentation_.behind_picture, behind_);
	return behind != PictureFlaw::none
		       ? behind
		       : flaw_of(presentation_.not_ready, presentation_.not_ready_picture, not_ready_);
}

void Backdrop::draw_behind(uint32_t width, uint32_t height)
{
	draw(presentation_.behind, behind_, width, height);
}

void Backdrop::draw_not_ready(uint32_t width, uint32_t height)
{
	draw(presentation_.not_ready, not_ready_, width, height);
}

void Backdrop::draw_plate(uint32_t width, uint32_t height)
{
	if (gs_texture_t *texture = plate_.texture())
		draw_covering(texture, width, height);
}

void Backdrop::draw(Behind what, const LoadedPicture &picture, uint32_t width, uint32_t height)
{
	if (what == Behind::colour)
		return draw_colour(presentation_.behind_colour, width, height);
	gs_texture_t *texture = what == Behind::blurred ? blurred() : picture.texture();
	if (what != Behind::nothing && texture)
		draw_covering(texture, width, height);
}

// Small, in two directions: once, as long as plate and blur are the same.
gs_texture_t *Backdrop::blurred()
{
	gs_texture_t *plate = plate_.texture();
	if (!plate)
		return nullptr;
	if (!effect_) {
		const ObsString path(obs_module_file("effects/blur.effect"));
		effect_.reset(path ? gs_effect_create_from_file(path.get(), nullptr) : nullptr);
		first_.reset(gs_texrender_create(GS_RGBA, GS_ZS_NONE));
		blurred_.reset(gs_texrender_create(GS_RGBA, GS_ZS_NONE));
	}
	const bool is_done = blurred_version_ == plate_.version() && blurred_by_ == presentation_.behind_blur;
	if (!effect_ || (!is_done && !(blur_into(first_, plate, 1, 0) &&
				       blur_into(blurred_, gs_texrender_get_texture(first_.get()), 0, 1))))
		return nullptr;
	blurred_version_ = plate_.version();
	blurred_by_ = presentation_.behind_blur;
	return gs_texrender_get_texture(blurred_.get());
}

bool Backdrop::blur_into(TexRender &to, gs_texture_t *from, float x, float y)
{
	const uint32_t width = blurred_width,
		       height = std::max<uint32_t>(1, blurred_width * gs_texture_get_height(from) /
							      gs_texture_get_width(from));
	gs_texrender_reset(to.get());
	const LinearLight light(/*encode=*/true);
	const BlendState blend(GS_BLEND_ONE, GS_BLEND_ZERO, GS_BLEND_ONE, GS_BLEND_ZERO);
	if (!gs_texrender_begin(to.get(), width, height))
		return false;
	gs_ortho(0.0f, static_cast<float>(width), 0.0f, static_cast<float>(height), -100.0f, 100.0f);
	vec2 stride;
	vec2_set(&stride, x / static_cast<float>(width), y / static_cast<float>(height));
	gs_effect_set_vec2(gs_effect_get_param_by_name(effect_.get(), "stride"), &stride);
	gs_effect_set_float(gs_effect_get_param_by_name(effect_.get(), "sigma"),
			    static_cast<float>(presentation_.behind_blur / 100 * blurred_width));
	gs_effect_set_texture_srgb(gs_effect_get_param_by_name(effect_.get(), "image"), from);
	loop_effect(effect_.get(), "Blur", from, width, height);
	gs_texrender_end(to.get());
	return true;
}

} // namespace matting
