// SPDX-License-Identifier: GPL-2.0-or-later
// Where libobs converts what a filter draws to a wider space, it turns blending off: what is transparent must stay so.
#include "filter_test.hpp"

#include <cmath>

#include <util/platform.h>

namespace matting {
namespace {

struct Linear {
	float red, green, blue;
};

float half_to_float(uint16_t half)
{
	const int exponent = half >> 10 & 31, mantissa = half & 1023;
	return std::ldexp(exponent ? 1024.0f + static_cast<float>(mantissa) : 2.0f * static_cast<float>(mantissa),
			  exponent - 25);
}

constexpr uint32_t width = 320, height = 180;

struct ReadBack {
	gs_stagesurf_t *stage;

	explicit ReadBack(gs_texture_t *texture)
		: stage(gs_stagesurface_create(width, height, gs_texture_get_color_format(texture)))
	{
		gs_stage_texture(stage, texture);
	}
	~ReadBack() { gs_stagesurface_destroy(stage); }

	Linear pixel(uint32_t x, uint32_t y)
	{
		uint8_t *data;
		uint32_t pitch;
		if (!gs_stagesurface_map(stage, &data, &pitch))
			return {};
		const auto *p = reinterpret_cast<const uint16_t *>(data + size_t{y} * pitch) + 4 * x;
		const Linear result{half_to_float(p[0]), half_to_float(p[1]), half_to_float(p[2])};
		gs_stagesurface_unmap(stage);
		return result;
	}
};

MATCHER_P(IsLinear, expected, "")
{
	*result_listener << arg.red << " " << arg.green << " " << arg.blue;
	return std::abs(arg.red - expected.red) < 0.01f && std::abs(arg.green - expected.green) < 0.01f &&
	       std::abs(arg.blue - expected.blue) < 0.01f;
}

/// The person is made of the room's difference from the plate; the rest is transparent, but has the room's colour.
class Hdr : public Filter {
protected:
	explicit Hdr(video_format format, video_colorspace space)
		: Filter(MODULE_FOLDER, {.format = format, .colour_space = space})
	{
		obs_set_video_levels(300, 1000);
	}

	OBSSource matted_camera()
	{
		const OBSSource filter = add_difference_filter();
		capture(filter);
		set_camera({.has_person = true});
		EXPECT_TRUE(wait_until([&] { return status(filter).find("ms a frame") != std::string::npos; }))
			<< status(filter);
		return filter;
	}

	Linear canvas_pixel(uint32_t x, uint32_t y)
	{
		wait_frames(3);
		obs_enter_graphics();
		const Linear result = ReadBack(obs_get_main_texture()).pixel(x, y);
		obs_leave_graphics();
		return result;
	}

	void expect_the_scene_behind_the_person()
	{
		obs_sceneitem_set_visible(camera_item, false);
		wait_frames(5);
		const Linear behind = canvas_pixel(20, 20);
		obs_sceneitem_set_visible(camera_item, true);
		const OBSSource filter = matted_camera();
		EXPECT_THAT(canvas_pixel(20, 20), IsLinear(behind));
		EXPECT_GT(canvas_pixel(160, 100).green, 0.1f) << "the person is there";
	}
};

class PqCanvas : public Hdr {
protected:
	PqCanvas() : Hdr(VIDEO_FORMAT_P010, VIDEO_CS_2100_PQ) {}
};

class HlgCanvas : public Hdr {
protected:
	HlgCanvas() : Hdr(VIDEO_FORMAT_P010, VIDEO_CS_2100_HLG) {}
};

class SdrCanvas : public Hdr {
protected:
	SdrCanvas() : Hdr(VIDEO_FORMAT_BGRA, VIDEO_CS_709) {}
};

TEST_F(PqCanvas, AddsNothingOfTheRoom)
{
	set_camera({.room = {250, 80, 250}});
	expect_the_scene_behind_the_person();
}

TEST_F(HlgCanvas, AddsNothingOfTheRoom)
{
	expect_the_scene_behind_the_person();
}

// As the filter dialog and a projector on an HDR display do.
TEST_F(SdrCanvas, AddsNothingOfTheRoomToASourceDrawnAloneInAnySpace)
{
	const OBSSource filter = matted_camera();
	for (const gs_color_space space : {GS_CS_SRGB, GS_CS_SRGB_16F, GS_CS_709_EXTENDED, GS_CS_709_SCRGB}) {
		obs_enter_graphics();
		gs_texrender_t *target = gs_texrender_create(GS_RGBA16F, GS_ZS_NONE);
		ASSERT_TRUE(gs_texrender_begin_with_color_space(target, width, height, space));
		vec4 grey;
		vec4_set(&grey, 0.25f, 0.25f, 0.25f, 1);
		gs_clear(GS_CLEAR_COLOR, &grey, 0, 0);
		gs_ortho(0, width, 0, height, -100, 100);
		obs_source_video_render(camera);
		gs_texrender_end(target);
		const Linear result = ReadBack(gs_texrender_get_texture(target)).pixel(20, 20);
		gs_texrender_destroy(target);
		obs_leave_graphics();
		EXPECT_THAT(result, IsLinear(Linear{0.25f, 0.25f, 0.25f})) << "space " << space;
	}
}

} // namespace
} // namespace matting
