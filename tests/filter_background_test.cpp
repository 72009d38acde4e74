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
	press(filter, "forget_background");
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
	press(filter, "forget_background");
	EXPECT_TRUE(wait_until([&] { return status(filter).find("then press") != std::string::npos; }));
}

TEST_F(Filter, TakesTheLastOfTwoCaptures)
{
	const OBSSource filter = matting_filter();
	set_camera({.room = {20, 30, 120}});
	press(filter, "capture_background");
	wait_frames(3);
	set_camera({});
	wait_frames(3);
	const std::string before = background(filter);
	press(filter, "capture_background");
	EXPECT_TRUE(wait_until([&] { return background(filter) != before; })) << status(filter);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

TEST_F(Filter, ForgetsACaptureThatIsUnderWay)
{
	const OBSSource filter = add_difference_filter();
	ASSERT_TRUE(wait_until([&] { return status(filter).find("Leave the picture") != std::string::npos; }));
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
			if (std::string(obs_hotkey_get_name(hotkey)).starts_with("background_matting."))
				static_cast<std::vector<obs_hotkey_id> *>(found)->push_back(id);
			return true;
		},
		&hotkeys);
	ASSERT_EQ(hotkeys.size(), 1u);
	obs_hotkey_enable_callback_rerouting(true);
	obs_hotkey_trigger_routed_callback(hotkeys[0], true);
	EXPECT_TRUE(wait_until([&] { return !background(filter).empty(); })) << status(filter);
}

} // namespace
} // namespace matting
