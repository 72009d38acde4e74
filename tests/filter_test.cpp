// SPDX-License-Identifier: GPL-2.0-or-later
// The filter in real libobs with the real engine process: what it does, and that the room is never on air.
#include "filter_test.hpp"

#include <csignal>

namespace matting {
namespace {

using testing::HasSubstr;

TEST_F(Filter, ShowsTheSourceUntilABackgroundIsCaptured)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	EXPECT_TRUE(wait_until([&] { return status(filter).find("Leave the picture") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(shows_room());
}

TEST_F(Filter, RemovesTheRoomAndKeepsThePerson)
{
	const OBSSource filter = matting_filter();
	EXPECT_TRUE(wait_until([&] { return status(filter).find("ms a frame") != std::string::npos; }));
	EXPECT_THAT(status(filter), HasSubstr("Matting 320x180 with mobilenetv2, cpu, fp32"));
}

TEST_F(Filter, StartsAgainWithTheBackgroundOfItsSettings)
{
	OBSSource first = matting_filter();
	const std::string file = background(first);
	obs_source_filter_remove(camera, first);
	first = nullptr;
	frames_with_room = 0;
	const OBSSource again = add_filter([&](obs_data_t *settings) {
		obs_data_set_string(settings, "model", difference_model().c_str());
		obs_data_set_string(settings, "background", file.c_str());
	});
	wait_frames(2);
	frames_with_room = 0;
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(again);
	EXPECT_EQ(frames_with_room, 0) << "the room was shown while the engine started";
}

// As "Defaults" in the dialog does, and undoing what was changed before the capture.
TEST_F(Filter, KeepsTheBackgroundWhenSettingsAreReset)
{
	const OBSSource filter = matting_filter();
	const std::string file = background(filter);
	frames_with_room = 0;
	OBSDataAutoRelease settings = obs_data_create();
	obs_data_set_string(settings, "model", difference_model().c_str());
	obs_source_reset_settings(filter, settings);
	EXPECT_TRUE(wait_until([&] { return background(filter) == file; }));
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, TakesAttributesWhileItRuns)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	update(filter, [](obs_data_t *settings) {
		obs_data_set_string(settings, "quality", "custom");
		obs_data_set_double(settings, "backbone_scale", 0.5);
		obs_data_set_string(settings, "refine_mode", "thresholding");
		obs_data_set_double(settings, "refine_threshold", 0.5);
		obs_data_set_int(settings, "refine_sample_pixels", 1000);
	});
	wait_frames(10);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	// Full refinement by a refiner of zeros makes everything transparent: seen, so the engine has got it.
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "refine_mode", "full"); });
	EXPECT_TRUE(wait_until([&] { return is_empty(); })) << status(filter);
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "refine_mode", "sampling"); });
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, SurvivesChangesOfSize)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	// The same shape: the background is scaled.
	set_camera({.width = 640, .height = 360, .has_person = true});
	EXPECT_TRUE(wait_until([&] { return status(filter).find("640x360") != std::string::npos; })) << status(filter);
	EXPECT_TRUE(wait_until(
		[&] { return near(room_pixel(), backdrop_colour) && near(pixel(300, 170), person_colour); }));
	// Another shape: an error with both sizes, and nothing is shown.
	set_camera({.width = 320, .height = 320, .has_person = true});
	EXPECT_TRUE(wait_until([&] {
		return status(filter).find("The background is 320x180, the picture is 320x320") != std::string::npos;
	})) << status(filter);
	EXPECT_TRUE(is_empty());
	for (const auto &[width, height] : {std::pair<uint32_t, uint32_t>{0, 0}, {8, 8}, {17, 16}}) {
		set_camera({.width = width, .height = height, .has_person = true});
		wait_frames(5);
	}
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, ShowsNoOldMatteAfterBeingHidden)
{
	const OBSSource filter = matting_filter();
	obs_sceneitem_set_visible(camera_item, false);
	wait_frames(10);
	set_camera({.has_person = false});
	frames_with_room = 0;
	obs_sceneitem_set_visible(camera_item, true);
	// The person has left: not one frame with the person of before.
	for (int i = 0; i < 20; i++) {
		EXPECT_THAT(person_pixel(), IsNear(backdrop_colour, 3));
	}
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, WorksTwiceAndAsADuplicate)
{
	const OBSSource first = matting_filter();
	const OBSSourceAutoRelease duplicate = obs_source_duplicate(first, "duplicate", true);
	ASSERT_TRUE(duplicate);
	EXPECT_EQ(background(duplicate.Get()), background(first));
	obs_source_filter_add(camera, duplicate);
	frames_with_room = 0;
	EXPECT_TRUE(wait_until([&] { return status(duplicate.Get()).find("is removed") != std::string::npos; }));
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), backdrop_colour); }));
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, WorksOnAScene)
{
	const OBSSceneAutoRelease inner = obs_scene_create("inner");
	obs_scene_add(inner, camera);
	obs_sceneitem_set_visible(camera_item, false);
	obs_source_t *inner_source = obs_scene_get_source(inner);
	obs_scene_add(scene, inner_source);
	OBSDataAutoRelease settings = obs_data_create();
	obs_data_set_string(settings, "model", difference_model().c_str());
	OBSSourceAutoRelease filter = obs_source_create_private("background_matting", "on a scene", settings);
	obs_source_filter_add(inner_source, filter);
	capture(filter.Get());
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter.Get());
	obs_source_filter_remove(inner_source, filter);
	obs_source_remove(inner_source);
}

TEST_F(Filter, IsRemovedWhileBusy)
{
	for (int i = 0; i < 5; i++) {
		OBSSource filter = add_difference_filter();
		wait_frames(i);
		press(filter, "capture_background");
		wait_frames(i);
		obs_source_filter_remove(camera, filter);
	}
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	EXPECT_TRUE(wait_until([&] { return engine_id() == -1; })) << "the engine of no filter still runs";
}

TEST_F(Filter, HidesThePictureWhenTheEngineIsKilledAndMattesAgain)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	for (int i = 0; i < 2; i++) {
		const int killed = engine_id();
		ASSERT_GT(killed, 0);
		kill(killed, SIGKILL);
		EXPECT_TRUE(wait_until([&] { return engine_id() > 0 && engine_id() != killed; }));
		EXPECT_TRUE(wait_until([&] {
			return status(filter).find("Matting") != std::string::npos && is_matted();
		})) << status(filter);
	}
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, NeverWaitsForTheEngine)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	const int stopped = engine_id();
	kill(stopped, SIGSTOP);
	const int before = frames;
	std::this_thread::sleep_for(std::chrono::seconds(1));
	EXPECT_GT(frames - before, 5) << "OBS did not go on rendering";
	press(filter, "refresh");
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "quality", "fast"); });
	wait_frames(5);
	kill(stopped, SIGCONT);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, SaysWhichModelItCannotUse)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "model", "/nowhere/model.pth"); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("/nowhere/model.pth") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(is_empty());
	update(filter, [](obs_data_t *settings) {
		obs_data_set_string(settings, "model", PROJECT_ROOT "/tests/golden/tiny_zip.pth");
	});
	EXPECT_TRUE(wait_until([&] { return status(filter).find("not the weights") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(is_empty());
	update(filter,
	       [](obs_data_t *settings) { obs_data_set_string(settings, "model", difference_model().c_str()); });
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, ShowsNothingWhenTheBackgroundsFileIsGone)
{
	const OBSSource filter = add_filter([](obs_data_t *settings) {
		obs_data_set_string(settings, "model", difference_model().c_str());
		obs_data_set_string(settings, "background", "/nowhere/plate.png");
	});
	wait_frames(3);
	frames_with_room = 0;
	EXPECT_TRUE(wait_until([&] { return status(filter).find("/nowhere/plate.png") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(is_empty());
	EXPECT_EQ(frames_with_room, 0);
	obs_missing_files_t *missing = obs_source_get_missing_files(filter);
	EXPECT_EQ(obs_missing_files_count(missing), 1u);
	obs_missing_files_destroy(missing);
}

std::filesystem::path lonely_folder()
{
	return std::filesystem::temp_directory_path() / ("lonely-module-" + std::to_string(getpid()));
}

// A module without its program beside it.
std::filesystem::path lonely_module()
{
	std::filesystem::create_directories(lonely_folder());
	std::filesystem::copy_file(MODULE_FOLDER "/obs-background-matting.so",
				   lonely_folder() / "obs-background-matting.so");
	return lonely_folder();
}

class FilterWithoutEngine : public Filter {
protected:
	FilterWithoutEngine() : Filter(lonely_module()) {}
	~FilterWithoutEngine() override { std::filesystem::remove_all(lonely_folder()); }
};

TEST_F(FilterWithoutEngine, SaysSoAndShowsNothingOfTheRoom)
{
	const OBSSource filter = add_filter([](obs_data_t *settings) {
		obs_data_set_string(settings, "model", difference_model().c_str());
		obs_data_set_string(settings, "background", "/some/plate.png");
	});
	wait_frames(3);
	frames_with_room = 0;
	EXPECT_TRUE(wait_until([&] { return status(filter).find("cannot be started") != std::string::npos; }))
		<< status(filter);
	EXPECT_THAT(status(filter), HasSubstr("/background-matting: No such file"));
	EXPECT_TRUE(is_empty());
	EXPECT_EQ(frames_with_room, 0);
}

} // namespace
} // namespace matting
