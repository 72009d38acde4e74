// SPDX-License-Identifier: GPL-2.0-or-later
// When the filter works, and how much.
#include "filter_test.hpp"

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

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

// As by a plugin that shows it somewhere else, at a lower rate than OBS's.
TEST_F(Filter, CapturesAndMattesWhatIsDrawnInEveryThirdTick)
{
	const OBSSource filter = add_difference_filter();
	obs_sceneitem_set_visible(camera_item, false);
	struct Mirror {
		obs_source_t *source;
		int ticks;
	} mirror{camera, 0};
	const auto draw = [](void *data, float) {
		auto &mirror = *static_cast<Mirror *>(data);
		if (++mirror.ticks % 3 == 0)
			draw_elsewhere(mirror.source);
	};
	obs_add_tick_callback(draw, &mirror);
	wait_frames(10);
	capture(filter);
	set_camera({.has_person = true});
	const int64_t before = mattes(filter);
	EXPECT_TRUE(wait_until([&] { return mattes(filter) > before + 5; })) << status(filter);
	obs_remove_tick_callback(draw, &mirror);
}

// As on a computer that slept.
TEST_F(Filter, KeepsItsEngineAfterBothHaveStoodStill)
{
	const OBSSource filter = matting_filter();
	wait_frames(20);
	struct Sleep {
		const int engine;
		std::atomic<int> ticks;
	} sleep{engine_id(), 0};
	const auto stand = [](void *data, float) {
		auto &sleep = *static_cast<Sleep *>(data);
		if (++sleep.ticks == 1)
			kill(sleep.engine, SIGSTOP);
		if (sleep.ticks != 4) // then it has a frame that it has not answered
			return;
		std::this_thread::sleep_for(std::chrono::seconds(4));
		kill(sleep.engine, SIGCONT);
	};
	obs_add_tick_callback(stand, &sleep);
	EXPECT_TRUE(wait_until([&] { return sleep.ticks > 10; }));
	obs_remove_tick_callback(stand, &sleep);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(engine_id(), sleep.engine);
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
