// SPDX-License-Identifier: GPL-2.0-or-later
// Engines that die, stop or cannot start, and what else fails for a while.
#include "filter_test.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fstream>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/resource.h>

namespace {

std::atomic<bool> is_out_of_threads = false;

} // namespace

/// The one that the plugin and all libraries call.
extern "C" int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
	static const auto create = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
	return is_out_of_threads ? EAGAIN : create(thread, attributes, run, argument);
}

namespace matting {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin)
{
	return std::chrono::duration<double>(Clock::now() - begin).count();
}

class FilterAndEngine : public Filter {
protected:
	// Nothing is drawn by then, and another engine mattes again.
	void expect_another_engine(obs_source_t *filter, int id, double seconds)
	{
		EXPECT_TRUE(wait_until([&] { return engine_id() > 0 && engine_id() != id; }, seconds))
			<< status(filter);
		EXPECT_TRUE(wait_until([&] { return is_matted_now(); }, seconds)) << status(filter);
	}
};

TEST_F(FilterAndEngine, IsBackInLessThanTwoSecondsAfterTenDeaths)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	for (int i = 0; i < 10; i++) {
		const int killed = engine_id();
		ASSERT_GT(killed, 0);
		kill(killed, SIGKILL);
		const auto begin = Clock::now();
		EXPECT_TRUE(wait_until([&] { return !is_matted_now(); }, 2)) << "the old matte stays";
		expect_another_engine(filter, killed, 10);
		EXPECT_LT(seconds_since(begin), 2) << "at death " << i;
		wait_frames(5 + i);
	}
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(FilterAndEngine, DrawsNothingWhenTheEngineStopsAndStartsAnother)
{
	const OBSSource filter = matting_filter();
	wait_frames(20);
	frames_with_room = 0;
	const int stopped = engine_id();
	kill(stopped, SIGSTOP);
	const auto begin = Clock::now();
	EXPECT_TRUE(wait_until([&] { return is_empty_now(); }, 5)) << status(filter);
	EXPECT_LT(seconds_since(begin), 2.1);
	expect_another_engine(filter, stopped, 10);
	EXPECT_LT(seconds_since(begin), 4.5);
	// In its first frames an engine may take long, but not if it does nothing.
	const int stopped_early = engine_id();
	kill(stopped_early, SIGSTOP);
	expect_another_engine(filter, stopped_early, 10);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(FilterAndEngine, StartsAnotherEngineWhenOneStopsAsItStarts)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	const int killed = engine_id();
	kill(killed, SIGKILL);
	const auto stop_next = [&] {
		const int next = engine_id();
		return next > 0 && next != killed ? kill(next, SIGSTOP) == 0 : false;
	};
	const auto limit = Clock::now() + std::chrono::seconds(10);
	bool is_stopped = false;
	while (!is_stopped && Clock::now() < limit)
		is_stopped = stop_next();
	ASSERT_TRUE(is_stopped);
	EXPECT_TRUE(wait_until([&] { return !is_matted_now(); }, 5)) << "the old matte stays";
	EXPECT_TRUE(wait_until([&] { return is_matted_now(); }, 15)) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(FilterAndEngine, KeepsTheTrueReasonWhenASliderMoves)
{
	const OBSSource filter = add_filter([](obs_data_t *settings) {
		obs_data_set_string(settings, "model", difference_model().c_str());
		obs_data_set_string(settings, "background", "/nowhere/plate.png");
	});
	const auto names_it = [&] {
		return status(filter).find("/nowhere/plate.png") != std::string::npos;
	};
	ASSERT_TRUE(wait_until(names_it)) << status(filter);
	update(filter, [](obs_data_t *settings) { obs_data_set_double(settings, "edge_shift", 0.5); });
	for (int i = 0; i < 100; i++) {
		wait_frames(1);
		EXPECT_TRUE(names_it()) << status(filter);
	}
	EXPECT_TRUE(is_empty());
}

TEST_F(FilterAndEngine, UsesABackgroundThatAppearsLater)
{
	OBSSource first = matting_filter();
	const std::string file = background(first), moved = file + ".moved";
	obs_source_filter_remove(camera, first);
	first = nullptr;
	std::filesystem::rename(file, moved);
	const OBSSource filter = add_filter([&](obs_data_t *settings) {
		obs_data_set_string(settings, "model", difference_model().c_str());
		obs_data_set_string(settings, "background", file.c_str());
	});
	ASSERT_TRUE(wait_until([&] { return status(filter).find("annot read") != std::string::npos; }));
	wait_frames(3);
	frames_with_room = 0;
	std::filesystem::rename(moved, file);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(FilterAndEngine, UsesAModelThatAppearsLaterAndSaysWhatIsWrongUntilThen)
{
	const std::string model = config_folder / "late.pth";
	const OBSSource filter =
		add_filter([&](obs_data_t *settings) { obs_data_set_string(settings, "model", model.c_str()); });
	const auto names_it = [&] {
		return status(filter).find("late.pth") != std::string::npos;
	};
	ASSERT_TRUE(wait_until(names_it)) << status(filter);
	EXPECT_FALSE(wait_until([&] { return !names_it(); }, 5)) << "it was tried again: " << status(filter);
	std::filesystem::copy_file(difference_model(), model + ".part");
	std::filesystem::rename(model + ".part", model);
	EXPECT_TRUE(wait_until([&] { return word(filter, "state") == "no_background"; })) << status(filter);
}

TEST_F(FilterAndEngine, GoesOnWithTheOldBackgroundWhenACaptureCannotBeWritten)
{
	const OBSSource filter = matting_filter();
	const std::filesystem::path file = background(filter);
	const std::filesystem::path folder = file.parent_path(), kept = folder.string() + ".kept";
	frames_with_room = 0;
	press(filter, "capture_background");
	ASSERT_TRUE(wait_until([&] { return status(filter).find("frames to go") != std::string::npos; }));
	// Gone before the last frame is there: for whoever is root, no folder is read-only.
	std::filesystem::rename(folder, kept);
	EXPECT_TRUE(wait_until([&] { return status(filter).find("was not captured") != std::string::npos; }))
		<< status(filter);
	std::filesystem::rename(kept, folder);
	EXPECT_EQ(background(filter), file);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(FilterAndEngine, WaitsForACameraThatHasNoPictureYet)
{
	set_camera({.width = 0, .height = 0});
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return status(filter).find("Waiting for") != std::string::npos; }))
		<< status(filter);
	obs_properties_t *properties = obs_source_properties(filter);
	EXPECT_EQ(obs_property_text_info_type(obs_properties_get(properties, "status")), OBS_TEXT_INFO_NORMAL);
	obs_properties_destroy(properties);
	press(filter, "capture_background");
	EXPECT_THAT(status(filter), HasSubstr("cannot be captured yet"));
	set_camera({});
	EXPECT_TRUE(wait_until([&] { return status(filter).starts_with("The room is shown: capture"); }))
		<< status(filter);
	log_errors = 0; // the tests' camera draws nothing of this size
}

TEST_F(FilterAndEngine, TriesAgainToGetMemory)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	rlimit before{};
	getrlimit(RLIMIT_FSIZE, &before);
	rlimit small = before;
	small.rlim_cur = 300'000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	set_camera({.width = 640, .height = 360, .has_person = true});
	EXPECT_TRUE(wait_until([&] { return status(filter).find("no memory") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(is_empty());
	setrlimit(RLIMIT_FSIZE, &before);
	EXPECT_TRUE(wait_until([&] {
		return near(room_pixel(), backdrop_colour) && near(pixel(300, 170), person_colour);
	})) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(FilterAndEngine, SurvivesThatItsModuleIsUnloadedFirst)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	void *module = dlopen(MODULE_FOLDER "/obs-background-matting.so", RTLD_NOW | RTLD_NOLOAD);
	ASSERT_TRUE(module);
	reinterpret_cast<void (*)()>(dlsym(module, "obs_module_unload"))();
	dlclose(module);
	EXPECT_TRUE(wait_until([&] { return is_empty(); }));
	EXPECT_THAT(status(filter), HasSubstr("OBS has unloaded the plugin"));
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "device", "cpu"); });
	press(filter, "capture_background");
	wait_frames(20);
	obs_source_filter_remove(camera, filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(FilterAndEngine, ShowsNothingOfTheRoomWhenThereIsNoThreadAndTriesAgain)
{
	OBSSource first = matting_filter();
	const std::string file = background(first);
	obs_source_filter_remove(camera, first);
	first = nullptr;
	const auto add = [&] {
		return add_filter([&](obs_data_t *settings) {
			obs_data_set_string(settings, "model", difference_model().c_str());
			obs_data_set_string(settings, "background", file.c_str());
			obs_data_set_string(settings, "device", "cuda:0"); // its process has no thread yet
		});
	};
	is_out_of_threads = true;
	const OBSSource filter = add();
	wait_frames(3);
	frames_with_room = 0;
	EXPECT_TRUE(wait_until([&] { return status(filter).find("cannot be started") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(is_empty());
	is_out_of_threads = false; // it is tried again, and has no card
	EXPECT_TRUE(wait_until([&] { return status(filter).find("no driver") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(is_empty());
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "device", "cpu"); });
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

// Somebody else than OBS's own thread draws the camera: a plugin that takes pictures of it.
TEST_F(FilterAndEngine, MayBeDrawnByAnotherThread)
{
	const OBSSource filter = matting_filter();
	obs_sceneitem_set_visible(camera_item, false);
	std::atomic<bool> is_over = false;
	std::thread other([&] {
		while (!is_over) {
			draw_elsewhere(camera);
			std::this_thread::sleep_for(std::chrono::milliseconds(1));
		}
	});
	for (uint32_t i = 0; i < 100; i++) {
		set_camera({.width = 320 * (1 + i % 3), .height = 180 * (1 + i % 3), .has_person = true});
		std::this_thread::sleep_for(std::chrono::milliseconds(20));
	}
	is_over = true;
	other.join();
	set_camera({.has_person = true});
	obs_sceneitem_set_visible(camera_item, true);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

} // namespace
} // namespace matting
