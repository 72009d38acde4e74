// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "models.hpp"
#include "obs_test.hpp"

#include <atomic>

namespace matting {

/// The filter in real libobs with the real engine process.
class Filter : public ObsTest {
protected:
	using ObsTest::ObsTest;

	OBSSource add_difference_filter(obs_source_t *parent = nullptr)
	{
		return add_filter(
			[](obs_data_t *settings) {
				obs_data_set_string(settings, "model", difference_model().c_str());
			},
			parent);
	}

	// A filter with a captured background and a person before it, matted.
	OBSSource matting_filter()
	{
		const OBSSource filter = add_difference_filter();
		capture(filter);
		set_camera({.has_person = true});
		EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
		return filter;
	}

	// Once the camera has another size than that of the background; what is in force then.
	std::string capture_square(obs_source_t *filter)
	{
		const std::string before = background(filter);
		set_camera({.width = 320, .height = 320});
		EXPECT_TRUE(wait_until([&] {
			return status(filter).find("capture the background again") != std::string::npos;
		})) << status(filter);
		press(filter, "capture_background");
		EXPECT_TRUE(wait_until([&] { return background(filter) != before; })) << status(filter);
		return background(filter);
	}

	/// As another plugin draws a source, which may not be in the scene. Any thread.
	static void draw_elsewhere(obs_source_t *source)
	{
		obs_enter_graphics();
		gs_texrender_t *target = gs_texrender_create(GS_RGBA, GS_ZS_NONE);
		if (gs_texrender_begin(target, 320, 180)) {
			obs_source_video_render(source);
			gs_texrender_end(target);
		}
		gs_texrender_destroy(target);
		obs_leave_graphics();
	}

	/// How often its panel was made anew since this was set to 0.
	static std::atomic<int> &count_panels(obs_source_t *filter)
	{
		signal_handler_connect(
			obs_source_get_signal_handler(filter), "update_properties",
			[](void *, calldata_t *) { panels++; }, nullptr);
		return panels;
	}
	bool wait_for_no_panel()
	{
		return wait_until([&] {
			panels = 0;
			wait_frames(60);
			return panels == 0;
		});
	}

	void call(obs_source_t *filter, const char *procedure, int seconds = 0)
	{
		calldata_t data = {};
		calldata_set_int(&data, "seconds", seconds);
		EXPECT_TRUE(proc_handler_call(obs_source_get_proc_handler(filter), procedure, &data)) << procedure;
		calldata_free(&data);
	}

	bool is_matted() { return near(room_pixel(), backdrop_colour) && near(person_pixel(), person_colour); }
	bool is_empty() { return near(room_pixel(), backdrop_colour) && near(person_pixel(), backdrop_colour); }
	// Of the last composite, without waiting for what was changed before.
	bool is_matted_now()
	{
		return near(last_pixel(20, 20), backdrop_colour) && near(last_pixel(160, 100), person_colour);
	}
	bool is_empty_now()
	{
		return near(last_pixel(20, 20), backdrop_colour) && near(last_pixel(160, 100), backdrop_colour);
	}
	// Of what `get_status` says.
	OBSDataAutoRelease whole_status(obs_source_t *filter)
	{
		calldata_t data = {};
		proc_handler_call(obs_source_get_proc_handler(filter), "get_status", &data);
		OBSDataAutoRelease status = obs_data_create_from_json(calldata_string(&data, "json"));
		calldata_free(&data);
		return status;
	}
	double figure(obs_source_t *filter, const char *name)
	{
		return obs_data_get_double(whole_status(filter), name);
	}
	std::string word(obs_source_t *filter, const char *name)
	{
		return obs_data_get_string(whole_status(filter), name);
	}
	int64_t mattes(obs_source_t *filter) { return static_cast<int64_t>(figure(filter, "mattes")); }
	bool shows_room() { return near(room_pixel(), room_colour); }

private:
	static inline std::atomic<int> panels = 0;
};

} // namespace matting
