// SPDX-License-Identifier: GPL-2.0-or-later
// Half-transparent pixels look the same alone, beside other filters and under a scale filter, as with libobs' own filters.
#include "filter_test.hpp"

namespace matting {
namespace {

class FilterDrawing : public ObsTest {
protected:
	void SetUp() override
	{
		set_camera({.room = {10, 20, 240}});
		filter_ = add_filter([](obs_data_t *settings) {
			obs_data_set_string(settings, "model", constant_model(127.0 / 255).c_str());
		});
		capture(filter_);
	}

	// (10, 20, 240) at alpha 127, which is not yet half of it and so no room, over (200, 0, 0), blended in linear light;
	// the stock colour filter with an opacity of 127/255 gives the same.
	void expect_blended(Colour expected = {146, 11, 176})
	{
		EXPECT_TRUE(wait_until([&] { return near(room_pixel(), expected, 2); }))
			<< status(filter_) << " " << room_pixel().red << " " << room_pixel().green << " "
			<< room_pixel().blue;
		EXPECT_THAT(pixel(300, 170), IsNear(expected, 2));
	}

	OBSSource filter_;
};

TEST_F(FilterDrawing, BlendsInLinearLightAlone)
{
	expect_blended();
}

TEST_F(FilterDrawing, BlendsTheSameBeforeACropFilter)
{
	add_stock_filter("crop_filter");
	expect_blended();
}

TEST_F(FilterDrawing, BlendsTheSameAfterAColourFilter)
{
	const OBSSource colour = add_stock_filter("color_filter_v2");
	obs_source_filter_set_order(camera, colour, OBS_ORDER_MOVE_BOTTOM);
	expect_blended();
}

TEST_F(FilterDrawing, BlendsTheSameBeforeAColourFilter)
{
	add_stock_filter("color_filter_v2");
	expect_blended();
}

TEST_F(FilterDrawing, BlendsTheSameUnderAScaleFilter)
{
	obs_sceneitem_set_scale_filter(camera_item, OBS_SCALE_BICUBIC);
	expect_blended();
}

TEST_F(FilterDrawing, KeepsTheSourcesOwnAlpha)
{
	set_camera({.room = {10, 20, 240}, .alpha = 128});
	// Alpha 64 of 255, in linear light: the blue of 240 becomes 0.871 * 0.251, which is 129 again.
	expect_blended({176, 6, 129});
}

TEST_F(FilterDrawing, DrawsOpaquePixelsAsTheyAre)
{
	update(filter_,
	       [](obs_data_t *settings) { obs_data_set_string(settings, "model", difference_model().c_str()); });
	set_camera({.room = {10, 20, 240}, .has_person = true});
	EXPECT_TRUE(wait_until([&] { return near(person_pixel(), person_colour, 2); })) << status(filter_);
}

// A camera is seldom as large as the canvas: between a pixel of the person and one of the room lies no colour of the room.
class FilterScaling : public Filter {};

TEST_F(FilterScaling, MixesNoColourOfTheRoomIntoEdges)
{
	set_camera({.width = 80, .height = 44, .room = {0, 0, 255}});
	vec2 scale;
	vec2_set(&scale, 4, 4);
	obs_sceneitem_set_scale(camera_item, &scale);
	const OBSSource filter = add_difference_filter();
	capture(filter);
	set_camera({.width = 80, .height = 44, .room = {0, 0, 255}, .has_person = true});
	EXPECT_TRUE(wait_until([&] { return near(pixel(160, 100), person_colour); })) << status(filter);
	wait_frames(5);
	for (uint32_t x = 70; x < 90; x++)
		EXPECT_LT(pixel(x, 100).blue, person_colour.blue + 10) << "at " << x;
}

} // namespace
} // namespace matting
