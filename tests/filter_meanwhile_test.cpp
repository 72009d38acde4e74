// SPDX-License-Identifier: GPL-2.0-or-later
// What happens to backgrounds while something else is under way.
#include "filter_test.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <functional>
#include <thread>

#include <dlfcn.h>

namespace {

std::atomic<const std::function<void(const std::string &)> *> after_opening = nullptr; // a file
std::atomic<const std::function<void()> *> at_naming = nullptr;                        // a capture, by the time

} // namespace

/// The one that the plugin's streams call.
extern "C" __attribute__((visibility("default"))) FILE *fopen64(const char *path, const char *mode)
{
	static const auto open = reinterpret_cast<decltype(&fopen64)>(dlsym(RTLD_NEXT, "fopen64"));
	FILE *file = open(path, mode);
	if (const auto *then = after_opening.load())
		(*then)(path);
	return file;
}

extern "C" __attribute__((visibility("default"))) time_t time(time_t *to) noexcept
{
	static const auto tell = reinterpret_cast<decltype(&time)>(dlsym(RTLD_NEXT, "time"));
	if (const auto *then = at_naming.load())
		(*then)();
	return tell(to);
}

namespace matting {
namespace {

using testing::HasSubstr;

class Capturing : public Filter {
protected:
	int unfinished(const std::filesystem::path &folder)
	{
		int count = 0;
		for (const auto &file : std::filesystem::directory_iterator(folder))
			count += file.path().filename().string().starts_with('.') ? 1 : 0;
		return count;
	}

	// Stops the engine before the last frame of a new capture, which it is given. Returns the engine.
	int stop_before_the_end(obs_source_t *filter)
	{
		const int engine = engine_id();
		std::atomic<bool> is_stopped = false;
		std::function<void()> stop = [&] {
			if (!is_stopped && figure(filter, "frames_missing") == 1) {
				kill(engine, SIGSTOP);
				is_stopped = true;
			}
		};
		const auto tick = [](void *stop, float) {
			(*static_cast<std::function<void()> *>(stop))();
		};
		obs_add_tick_callback(tick, &stop);
		call(filter, "capture_background");
		EXPECT_TRUE(wait_until([&] { return is_stopped.load(); }));
		obs_remove_tick_callback(tick, &stop);
		wait_frames(3);
		return engine;
	}
};

// A script may, on its own thread: here, just when the newest file was opened to see of what size it is.
TEST_F(Filter, ChoosesNoPlateOfThisSizeThatIsForgottenMeanwhile)
{
	const OBSSource filter = matting_filter();
	const std::filesystem::path wide = background(filter);
	ASSERT_NE(capture_square(filter), wide) << status(filter);
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	const std::string series = obs_data_get_string(settings, "background_series");
	const std::string newest = wide.parent_path() / ("2100-01-01_00-00-00_" + series + "-9-0011aabb.png");
	std::filesystem::copy_file(wide, newest);
	std::atomic<bool> is_forgotten = false;
	const std::function<void(const std::string &)> forget = [&](const std::string &path) {
		if (path == newest && !is_forgotten.exchange(true))
			std::thread([&] { call(filter, "forget_background"); }).join();
	};
	after_opening = &forget;
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return background(filter).empty(); })) << background(filter);
	after_opening = nullptr;
	EXPECT_TRUE(is_forgotten);
	wait_frames(10);
	EXPECT_EQ(background(filter), "");
	EXPECT_THAT(status(filter), HasSubstr("Leave the picture"));
}

// The countdown is over then, and the engine knows of no capture yet.
TEST_F(Filter, CancelsACaptureThatIsJustBeginning)
{
	const OBSSource filter = matting_filter();
	const std::string before = background(filter);
	std::atomic<bool> is_cancelled = false;
	const std::function<void()> cancel = [&] {
		if (!is_cancelled.exchange(true))
			press(filter, "capture_background");
	};
	at_naming = &cancel;
	call(filter, "capture_background");
	EXPECT_TRUE(wait_until([&] { return is_cancelled.load(); }));
	at_naming = nullptr;
	wait_frames(40);
	EXPECT_EQ(word(filter, "state"), "matting");
	EXPECT_EQ(background(filter), before);
	EXPECT_THAT(status(filter), HasSubstr("The capture was cancelled."));
}

// Nor at the next start of an OBS that ended before it saved that the capture's number is used up.
TEST_F(Capturing, TakesNothingThatWasCancelledWhileTheEngineWroteIt)
{
	OBSSource filter = matting_filter();
	const std::filesystem::path before = background(filter);
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	OBSDataAutoRelease saved = obs_data_create_from_json(obs_data_get_json(settings));
	settings = nullptr;
	set_camera({.room = {20, 30, 120}}); // of which nothing may be seen afterwards
	wait_frames(3);
	const int engine = stop_before_the_end(filter);
	call(filter, "cancel_capture");
	kill(engine, SIGCONT);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(background(filter), before);
	EXPECT_EQ(unfinished(before.parent_path()), 0) << "a picture of the room that nobody wants";

	obs_source_filter_remove(camera, filter);
	filter = nullptr;
	while (obs_wait_for_destroy_queue())
		;
	const OBSSource again = add_filter([&](obs_data_t *all) { obs_data_apply(all, saved); });
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(again);
	EXPECT_EQ(background(again), before);
}

TEST_F(Capturing, IsNotHeldUpByACameraThatChangesItsSizeThen)
{
	const OBSSource filter = matting_filter();
	const std::string before = background(filter);
	set_camera({});
	const int engine = stop_before_the_end(filter);
	set_camera({.width = 320, .height = 320});
	wait_frames(3);
	kill(engine, SIGCONT);
	EXPECT_TRUE(wait_until([&] { return background(filter) != before; })) << status(filter);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

// Whoever has left the room is back when the camera is.
TEST_F(Capturing, DoesNotWaitForACameraThatHasGone)
{
	const OBSSource filter = matting_filter();
	const std::string before = background(filter);
	set_camera({});
	const int engine = stop_before_the_end(filter);
	set_camera({.width = 0, .height = 0});
	EXPECT_TRUE(wait_until([&] { return word(filter, "state") != "capturing"; })) << status(filter);
	kill(engine, SIGCONT);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(background(filter), before);
}

} // namespace
} // namespace matting
