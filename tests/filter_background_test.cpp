// SPDX-License-Identifier: GPL-2.0-or-later
// Capturing and forgetting the background.
#include "filter_test.hpp"

namespace matting {
namespace {

using testing::HasSubstr;

TEST_F(Filter, CapturesTheRoomIntoAFileNamedInItsSettings)
{
	const OBSSource filter = add_difference_filter();
	capture(filter);
	const std::filesystem::path file = background(filter);
	EXPECT_TRUE(std::filesystem::exists(file)) << file;
	EXPECT_EQ(file.parent_path(), config_folder / "obs-background-matting" / "backgrounds");
	EXPECT_TRUE(wait_until([&] { return is_empty(); }));
	capture(filter);
	EXPECT_TRUE(std::filesystem::exists(file)) << "another filter may name it";
}

TEST_F(Filter, ForgetsTheBackgroundWhenAsked)
{
	const OBSSource filter = matting_filter();
	forget(filter);
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	EXPECT_EQ(background(filter), "");
	EXPECT_THAT(status(filter), HasSubstr("Leave the picture"));
}

TEST_F(Filter, CountsDownBeforeACapture)
{
	const OBSSource filter = matting_filter();
	const std::string before = background(filter);
	frames_with_room = 0;
	update(filter, [](obs_data_t *settings) { obs_data_set_int(settings, "capture_countdown", 1); });
	wait_frames(2);
	press(filter, "capture_background");
	EXPECT_THAT(status(filter), HasSubstr("captured in 1 s"));
	EXPECT_TRUE(is_matted()) << "what was there goes on meanwhile";
	set_camera({});
	EXPECT_EQ(background(filter), before);
	EXPECT_TRUE(wait_until([&] { return background(filter) != before; })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
	press(filter, "capture_background");
	forget(filter);
	EXPECT_TRUE(wait_until([&] { return status(filter).find("Leave the picture while") != std::string::npos; }));
}

TEST_F(Filter, CancelsACaptureThatIsUnderWayWhenPressedAgain)
{
	const OBSSource filter = matting_filter();
	const std::string before = background(filter);
	EXPECT_EQ(label(filter, "capture_background"), "Capture background");
	press(filter, "capture_background");
	wait_frames(3);
	EXPECT_EQ(label(filter, "capture_background"), "Cancel capture");
	press(filter, "capture_background");
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(status(filter), HasSubstr("The capture was cancelled."));
	wait_frames(30);
	EXPECT_EQ(background(filter), before);
	EXPECT_TRUE(is_matted());
}

TEST_F(Filter, CancelsACountdownWhenPressedAgain)
{
	const OBSSource filter = matting_filter();
	const std::string before = background(filter);
	frames_with_room = 0;
	update(filter, [](obs_data_t *settings) { obs_data_set_int(settings, "capture_countdown", 1); });
	wait_frames(2);
	press(filter, "capture_background");
	wait_frames(10);
	EXPECT_EQ(label(filter, "capture_background"), "Cancel capture");
	press(filter, "capture_background");
	wait_frames(60);
	EXPECT_EQ(background(filter), before);
	EXPECT_TRUE(is_matted());
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, DoesNotCaptureWhatIsHidden)
{
	const OBSSource filter = matting_filter();
	const std::string before = background(filter);
	update(filter, [](obs_data_t *settings) { obs_data_set_int(settings, "capture_countdown", 1); });
	wait_frames(2);
	press(filter, "capture_background");
	obs_sceneitem_set_visible(camera_item, false);
	EXPECT_TRUE(wait_until([&] { return status(filter).find("is not shown") != std::string::npos; }));
	press(filter, "capture_background");
	EXPECT_THAT(status(filter), HasSubstr("is not shown"));
	obs_sceneitem_set_visible(camera_item, true);
	wait_frames(60);
	EXPECT_EQ(background(filter), before) << "it went off when it was shown";
	EXPECT_TRUE(is_matted());
}

// A disk that wakes up, a dialog that opens: the source is shown all the same.
TEST_F(Filter, CapturesAlthoughOBSHasStoodStill)
{
	const OBSSource filter = matting_filter();
	const std::string before = background(filter);
	update(filter, [](obs_data_t *settings) { obs_data_set_int(settings, "capture_countdown", 1); });
	wait_frames(2);
	press(filter, "capture_background");
	std::atomic<bool> has_stood = false;
	const auto stand = [](void *has_stood, float) {
		if (!static_cast<std::atomic<bool> *>(has_stood)->exchange(true))
			std::this_thread::sleep_for(std::chrono::milliseconds(1200)); // past the countdown
	};
	obs_add_tick_callback(stand, &has_stood);
	EXPECT_TRUE(wait_until([&] { return background(filter) != before; })) << status(filter);
	obs_remove_tick_callback(stand, &has_stood);
	EXPECT_TRUE(has_stood);
}

TEST_F(Filter, GivesUpACaptureThatIsHidden)
{
	const OBSSource filter = matting_filter();
	const std::string before = background(filter);
	press(filter, "capture_background");
	wait_frames(3);
	obs_sceneitem_set_visible(camera_item, false);
	EXPECT_TRUE(wait_until([&] { return status(filter).find("is not shown") != std::string::npos; }));
	obs_sceneitem_set_visible(camera_item, true);
	wait_frames(60);
	EXPECT_EQ(background(filter), before) << "it went on when it was shown";
	EXPECT_TRUE(is_matted());
}

TEST_F(Filter, ForgetsNothingAfterOneClickOrADoubleClick)
{
	const OBSSource filter = matting_filter();
	const std::string before = background(filter);
	frames_with_room = 0;
	press(filter, "forget_background");
	EXPECT_THAT(label(filter, "forget_background"), HasSubstr("press again"));
	press(filter, "forget_background");
	std::this_thread::sleep_for(std::chrono::seconds(6));
	EXPECT_EQ(label(filter, "forget_background"), "Forget background");
	press(filter, "forget_background");
	wait_frames(10);
	EXPECT_EQ(background(filter), before);
	EXPECT_TRUE(is_matted());
	EXPECT_EQ(frames_with_room, 0);
}

// OBS keeps all settings of a filter for its "undo".
TEST_F(Filter, DoesNotBringAnOlderBackgroundBackByUndo)
{
	const OBSSource filter = matting_filter();
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	OBSDataAutoRelease step = obs_data_create_from_json(obs_data_get_json(settings));
	set_camera({.room = {20, 30, 120}});
	wait_frames(5);
	capture(filter);
	const std::string last = background(filter);
	set_camera({.room = {20, 30, 120}, .has_person = true});
	obs_source_reset_settings(filter, step);
	EXPECT_TRUE(wait_until([&] { return background(filter) == last; }));
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	// But an older one can be chosen.
	const std::string older = obs_data_get_string(step, "background");
	update(filter, [&](obs_data_t *chosen) { obs_data_set_string(chosen, "background", older.c_str()); });
	wait_frames(10);
	EXPECT_EQ(background(filter), older);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

// What OBS saved before the capture is all that it has at its next start.
TEST_F(Filter, FindsItsLastCaptureAfterACrash)
{
	OBSSource filter = add_difference_filter();
	ASSERT_TRUE(wait_until([&] { return status(filter).find("Leave the picture") != std::string::npos; }));
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	OBSDataAutoRelease saved = obs_data_create_from_json(obs_data_get_json(settings));
	ASSERT_STREQ(obs_data_get_string(saved, "background"), "");
	capture(filter);
	const std::string last = background(filter);
	obs_source_filter_remove(camera, filter);
	filter = nullptr;
	settings = nullptr;
	while (obs_wait_for_destroy_queue())
		;
	wait_frames(3);
	frames_with_room = 0;
	const OBSSource again = add_filter([&](obs_data_t *all) { obs_data_apply(all, saved); });
	wait_frames(3);
	frames_with_room = 0;
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(again);
	EXPECT_EQ(background(again), last);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, TakesNoCapturesOfTheFilterThatItIsACopyOf)
{
	const OBSSource first = matting_filter();
	OBSDataAutoRelease settings = obs_source_get_settings(first);
	OBSDataAutoRelease copied = obs_data_create_from_json(obs_data_get_json(settings));
	const std::string shared = background(first);
	capture(first);
	const OBSSource copy = add_filter([&](obs_data_t *all) { obs_data_apply(all, copied); });
	wait_frames(10);
	EXPECT_EQ(background(copy), shared);
	OBSDataAutoRelease its_settings = obs_source_get_settings(copy);
	EXPECT_STRNE(obs_data_get_string(its_settings, "background_series"),
		     obs_data_get_string(settings, "background_series"));
}

TEST_F(Filter, ForgetsACaptureThatIsUnderWay)
{
	const OBSSource filter = add_difference_filter();
	ASSERT_TRUE(wait_until([&] { return status(filter).find("Leave the picture") != std::string::npos; }));
	press(filter, "forget_background");
	std::this_thread::sleep_for(std::chrono::milliseconds(600));
	press(filter, "capture_background");
	wait_frames(2);
	press(filter, "forget_background");
	wait_frames(30);
	EXPECT_EQ(background(filter), "");
	EXPECT_TRUE(shows_room());
	EXPECT_THAT(status(filter), HasSubstr("Leave the picture"));
}

TEST_F(Filter, CapturesByItsParentsHotkey)
{
	const OBSSource filter = add_difference_filter();
	ASSERT_TRUE(wait_until([&] { return status(filter).find("Leave the picture") != std::string::npos; }));
	std::vector<obs_hotkey_id> hotkeys;
	obs_enum_hotkeys(
		[](void *found, obs_hotkey_id id, obs_hotkey_t *hotkey) {
			if (std::string(obs_hotkey_get_name(hotkey))
				    .starts_with("background_matting.capture_background."))
				static_cast<std::vector<obs_hotkey_id> *>(found)->push_back(id);
			return true;
		},
		&hotkeys);
	ASSERT_EQ(hotkeys.size(), 1u);
	obs_hotkey_enable_callback_rerouting(true);
	obs_hotkey_trigger_routed_callback(hotkeys[0], true);
	EXPECT_TRUE(wait_until([&] { return !background(filter).empty(); })) << status(filter);
}

// The camera was switched, or the filter pasted to another one; or the new background was taken for the room's.
TEST_F(Filter, ShowsNothingWithTheBackgroundOfAnotherRoom)
{
	const OBSSource filter = matting_filter();
	set_camera({.room = {200, 160, 40}, .has_person = true});
	EXPECT_TRUE(wait_until([&] { return status(filter).find("differs from the background") != std::string::npos; }))
		<< status(filter);
	for (int i = 0; i < 30; i++, wait_frames(1))
		EXPECT_TRUE(is_empty()) << i;
	set_camera({.has_person = true}); // it ends by itself
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

TEST_F(Filter, ReadsABackgroundAgainThatIsSavedUnderTheSameName)
{
	const Colour other_room{200, 120, 40};
	const OBSSource filter = add_difference_filter();
	const auto copy_of_capture = [&](const char *name) {
		capture(filter);
		return std::filesystem::copy_file(background(filter), config_folder / name);
	};
	set_camera({.room = other_room});
	copy_of_capture("other.png");
	set_camera({});
	copy_of_capture("mine.png");
	const std::string mine = config_folder / "mine.png";
	update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "background", mine.c_str()); });
	set_camera({.has_person = true});
	ASSERT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);

	set_camera({.room = other_room, .has_person = true});
	frames_with_room = 0;
	EXPECT_TRUE(wait_until([&] { return is_empty(); })) << status(filter);
	std::filesystem::copy_file(config_folder / "other.png", mine,
				   std::filesystem::copy_options::overwrite_existing);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
	EXPECT_EQ(background(filter), mine);
}

} // namespace
} // namespace matting
