// SPDX-License-Identifier: GPL-2.0-or-later
// What is drawn of a frame.
#include "drawing.hpp"
#include "matting_filter.hpp"

namespace matting {
namespace {

enum class Drawing { source, matte, nothing };

// Note [Fail closed]
// Until a background was captured the room is shown, so that the user can frame it. From then on, whatever happens to the
// engine, the model, the background's file or the picture's size, only finished mattes are drawn, and else nothing. Nor is
// anything drawn as long as the latest matte is the room itself: Note [Everything is foreground].
Drawing what_to_draw(const Condition &condition, bool has_texture)
{
	if (!condition.has_background)
		return Drawing::source;
	return condition.has_matte && has_texture ? Drawing::matte : Drawing::nothing;
}

constexpr size_t plate_view = view_names.size(), side_by_side_view = plate_view + 1;

// What is drawn in it, in half the size, `x` from the left.
class Half {
public:
	Half(float x, float y)
	{
		gs_matrix_push();
		gs_matrix_translate3f(x, y, 0);
		gs_matrix_scale3f(0.5f, 0.5f, 1);
	}
	~Half() { gs_matrix_pop(); }
	Half(const Half &) = delete;
	Half &operator=(const Half &) = delete;
};

} // namespace

void MattingFilter::draw(obs_source_t *target, obs_source_t *parent)
{
	const bool is_looking = is_looking_; // before the condition, which it changes
	const Condition condition = session_.condition();
	if (backdrop_number_ != condition.background_number) {
		backdrop_number_ = condition.background_number;
		backdrop_.prepare(presentation_, session_.background());
	}
	picture_flaw_ = backdrop_.flaw();
	gs_texture_t *matte = bridge_ ? bridge_->matte() : nullptr;
	switch (is_looking ? Drawing::nothing : what_to_draw(condition, matte)) {
	case Drawing::source:
		draw_source(target, parent);
		break;
	case Drawing::matte:
		if (presentation_.view == plate_view)
			backdrop_.draw_plate(width_, height_);
		else if (presentation_.view == side_by_side_view)
			draw_side_by_side(target, parent, matte);
		else
			draw_over_backdrop(matte);
		break;
	case Drawing::nothing:
		backdrop_.draw_not_ready(width_, height_);
		break;
	}
	draw_overlay();
}

void MattingFilter::draw_over_backdrop(gs_texture_t *matte)
{
	if (presentation_.view == 0)
		backdrop_.draw_behind(width_, height_);
	draw_matte(matte);
}

void MattingFilter::draw_side_by_side(obs_source_t *target, obs_source_t *parent, gs_texture_t *matte)
{
	const float half = static_cast<float>(width_) / 2, top = static_cast<float>(height_) / 4;
	{
		const Half left(0, top);
		draw_source(target, parent);
	}
	const Half right(half, top);
	backdrop_.draw_behind(width_, height_);
	draw_matte(matte);
}

// Always in linear light: the only way that looks the same alone, beside other filters and under a scale filter. And always
// premultiplied: where libobs converts what we draw to a wider space, it turns blending off and takes the result for that.
void MattingFilter::draw_matte(gs_texture_t *matte) const
{
	const LinearLight light(/*encode=*/true);
	const BlendState blend(GS_BLEND_ONE, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
	vec2 size;
	vec2_set(&size, static_cast<float>(width_), static_cast<float>(height_));
	gs_effect_set_vec2(effect_size_, &size);
	gs_effect_set_texture_srgb(effect_image_, matte);
	while (gs_effect_loop(effect_.get(), "Premultiply"))
		gs_draw_sprite(matte, 0, width_, height_);
}

void MattingFilter::draw_overlay()
{
	const int number = overlay_number_;
	const uint32_t sign = overlay_sign_;
	if (number > 0)
		draw_number(number, width_, height_);
	else if (sign > 0)
		draw_sign(static_cast<Sign>(sign - 1), width_, height_);
}

} // namespace matting
