// SPDX-License-Identifier: GPL-2.0-or-later
#include "overlay.hpp"

#include "graphics.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <obs.hpp>

namespace matting {
namespace {

constexpr uint32_t white = 0xFFFFFFFF, shade = 0xC0000000; // 0xAABBGGRR
constexpr uint32_t yellow = 0xFF20C8FF, green = 0xFF50C840, red = 0xFF3030E0;

void fill(uint32_t colour, float x, float y, float width, float height)
{
	gs_effect_t *solid = obs_get_base_effect(OBS_EFFECT_SOLID);
	vec4 value;
	vec4_from_rgba_srgb(&value, colour);
	const float alpha = value.w;
	vec4_mulf(&value, &value, alpha); // premultiplied
	value.w = alpha;
	gs_effect_set_vec4(gs_effect_get_param_by_name(solid, "color"), &value);
	gs_matrix_push();
	gs_matrix_translate3f(x, y, 0);
	gs_matrix_scale3f(width, height, 1);
	while (gs_effect_loop(solid, "Solid"))
		gs_draw_sprite(nullptr, 0, 1, 1);
	gs_matrix_pop();
}

struct Bar {
	float x, y, width, height;
};

// Of a digit 1 wide and 2 high: top, left and right above, middle, left and right below, bottom.
constexpr float thickness = 0.2f;
constexpr std::array<Bar, 7> bars{{{0, 0, 1, thickness},
				   {0, 0, thickness, 1},
				   {1 - thickness, 0, thickness, 1},
				   {0, 1 - thickness / 2, 1, thickness},
				   {0, 1, thickness, 1},
				   {1 - thickness, 1, thickness, 1},
				   {0, 2 - thickness, 1, thickness}}};
constexpr std::array<const char *, 10> digits{"1110111", "0010010", "1011101", "1011011", "0111010",
					      "1101011", "1101111", "1010010", "1111111", "1111011"};

void draw_digit(int digit, float x, float y, float size)
{
	const char *lit = digits.at(static_cast<size_t>(digit));
	for (size_t i = 0; i < bars.size(); i++)
		if (lit[i] == '1')
			fill(white, x + size * bars[i].x, y + size * bars[i].y, size * bars[i].width,
			     size * bars[i].height);
}

} // namespace

bool is_on_air()
{
	bool is_active = false;
	obs_enum_outputs(
		[](void *found, obs_output_t *output) {
			*static_cast<bool *>(found) = obs_output_active(output);
			return !*static_cast<bool *>(found);
		},
		&is_active);
	if (is_active)
		return true;
	obs_enum_encoders( // which get frames before their output is active
		[](void *found, obs_encoder_t *encoder) {
			*static_cast<bool *>(found) =
				obs_encoder_get_type(encoder) == OBS_ENCODER_VIDEO && obs_encoder_active(encoder);
			return !*static_cast<bool *>(found);
		},
		&is_active);
	return is_active;
}

void draw_number(int number, uint32_t width, uint32_t height)
{
	const LinearLight light(/*encode=*/true);
	const BlendState blend(GS_BLEND_ONE, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
	const float size = static_cast<float>(std::min(width, height)) / 8;
	const std::string text = std::to_string(number);
	const float digit = 1.4f * size, all = digit * static_cast<float>(text.size()) - 0.4f * size;
	const float left = (static_cast<float>(width) - all) / 2, top = 0.8f * size;
	fill(shade, left - 0.6f * size, top - 0.5f * size, all + 1.2f * size, 3 * size);
	for (size_t i = 0; i < text.size(); i++)
		draw_digit(text[i] - '0', left + digit * static_cast<float>(i), top, size);
}

void draw_sign(Sign sign, uint32_t width, uint32_t height)
{
	const LinearLight light(/*encode=*/true);
	const BlendState blend(GS_BLEND_ONE, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
	const uint32_t colour = sign == Sign::capturing ? yellow : sign == Sign::captured ? green : red;
	const auto right = static_cast<float>(width), bottom = static_cast<float>(height);
	const float border = std::max(2.0f, std::min(right, bottom) / 40);
	fill(colour, 0, 0, right, border);
	fill(colour, 0, bottom - border, right, border);
	fill(colour, 0, border, border, bottom - 2 * border);
	fill(colour, right - border, border, border, bottom - 2 * border);
}

} // namespace matting
