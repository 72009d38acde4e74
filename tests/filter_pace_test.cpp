// SPDX-License-Identifier: GPL-2.0-or-later
// When the filter works, and how much.
#include "filter_test.hpp"

#include <csignal>
#include <fstream>

namespace matting {
namespace {

TEST_F(Filter, MattesAPictureThatDoesNotChangeOnce)
{
	const OBSSource filter = matting_filter();
	set_camera({.has_person = true, .is_still = true});
	wait_frames(10);
	const int64_t before = mattes(filter);
	EXPECT_GT(before, 0);
	wait_frames(60);
	const int64_t still = mattes(filter);
	EXPECT_LE(still - before, 1);
	EXPECT_TRUE(is_matted());
	// What makes the matte has changed.
	update(filter, [](obs_data_t *settings) { obs_data_set_double(settings, "white_point", 0.5); });
	EXPECT_TRUE(wait_until([&] { return mattes(filter) > still; }));
	EXPECT_TRUE(is_matted());
	// And the picture.
	set_camera({.is_still = true});
	EXPECT_TRUE(wait_until([&] { return is_empty(); }));
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

TEST_F(Filter, CapturesAPictureThatDoesNotChange)
{
	const OBSSource filter = add_difference_filter();
	set_camera({.is_still = true});
	capture(filter);
	set_camera({.has_person = true, .is_still = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

TEST_F(Filter, LetsObsGoFirst)
{
	const OBSSource filter = matting_filter();
	std::ifstream stream("/proc/" + std::to_string(engine_id()) + "/stat");
	std::string word;
	for (int field = 1; field <= 19; field++)
		stream >> word;
	EXPECT_GT(std::stoi(word), 0) << "how nice the engine is";
}

class FilterWithASlowEngine : public Filter {
protected:
	FilterWithASlowEngine()
	{
		update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "quality", "balanced"); });
		vec2 sixth;
		vec2_set(&sixth, 1 / 6.0f, 1 / 6.0f);
		obs_sceneitem_set_scale(camera_item, &sixth);
		set_camera({.width = 1920, .height = 1080, .has_person = true});
		wait_frames(5);
		EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
		const int64_t before = mattes(filter);
		EXPECT_TRUE(wait_until([&] { return mattes(filter) > before + 20; }, 240)) << "its usual time is known";
	}

	const OBSSource filter = matting_filter();
};

// It is not dead yet, but the picture is frozen.
TEST_F(FilterWithASlowEngine, DrawsNothingTwoSecondsAfterItHasStopped)
{
	frames_with_room = 0;
	kill(engine_id(), SIGSTOP);
	EXPECT_TRUE(wait_until([&] { return is_empty_now(); }, 2.1)) << status(filter);
	EXPECT_TRUE(wait_until([&] { return is_matted_now(); }, 30)) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

// A matte is as old as it took when it is first shown, and stays until the next one comes.
TEST_F(FilterWithASlowEngine, SaysHowOldThePictureIsOnAverage)
{
	EXPECT_GT(figure(filter, "delay_milliseconds"), 1.25 * figure(filter, "matte_milliseconds"));
}

} // namespace
} // namespace matting
