// SPDX-License-Identifier: GPL-2.0-or-later
// What the panel says, and in which order.
#include "filter_test.hpp"
#include "variable.hpp"

#include <csignal>
#include <functional>

namespace matting {

std::atomic<bool> list_is_open = false, dialog_is_open = false;

// Qt is in OBS's program, and not in this one: the module finds these in its place.
__attribute__((visibility("default"), used)) const void *open_list() __asm__("_ZN12QApplication17activePopupWidgetEv");
const void *open_list()
{
	return list_is_open ? &list_is_open : nullptr;
}
__attribute__((visibility("default"), used)) const void *
open_dialog() __asm__("_ZN12QApplication17activeModalWidgetEv");
const void *open_dialog()
{
	return dialog_is_open ? &dialog_is_open : nullptr;
}

namespace {

using testing::HasSubstr;

std::vector<std::string> names(obs_properties_t *properties)
{
	std::vector<std::string> names;
	for (obs_property_t *property = obs_properties_first(properties); property; obs_property_next(&property))
		names.emplace_back(obs_property_name(property));
	return names;
}

int lines(const std::string &html)
{
	int count = 1;
	for (size_t at = 0; (at = html.find("<br>", at)) != std::string::npos; at++)
		count++;
	return count;
}

TEST_F(Filter, HasWhatANewcomerNeedsOnTopAndForgettingAtTheEnd)
{
	const OBSSource filter = add_difference_filter();
	obs_properties_t *properties = obs_source_properties(filter);
	EXPECT_THAT(names(properties), testing::ElementsAre("capture_background", "capture_countdown", "status",
							    "quality", "background_group", "edge_group", "behind_group",
							    "advanced", "advanced_group", "forget_background"));
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	obs_properties_apply_settings(properties, settings);
	EXPECT_FALSE(obs_property_visible(obs_properties_get(properties, "advanced_group")));
	EXPECT_FALSE(obs_property_visible(obs_properties_get(properties, "behind_picture")));
	EXPECT_FALSE(obs_property_enabled(obs_properties_get(properties, "forget_background"))) << "nothing to forget";
	EXPECT_FALSE(obs_property_enabled(obs_properties_get(properties, "use_previous_background")));
	obs_data_set_bool(settings, "advanced", true);
	obs_data_set_string(settings, "behind", "picture");
	obs_properties_apply_settings(properties, settings);
	EXPECT_TRUE(obs_property_visible(obs_properties_get(properties, "advanced_group")));
	EXPECT_TRUE(obs_property_visible(obs_properties_get(properties, "behind_picture")));
	obs_properties_destroy(properties);
}

TEST_F(Filter, LeavesTheAttributesToCustomQuality)
{
	const OBSSource filter = add_difference_filter();
	obs_properties_t *properties = obs_source_properties(filter);
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	const auto is_offered = [&](const char *quality) {
		obs_data_set_string(settings, "quality", quality);
		obs_properties_apply_settings(properties, settings);
		return obs_property_visible(obs_properties_get(properties, "backbone_scale"));
	};
	EXPECT_FALSE(is_offered("automatic"));
	EXPECT_FALSE(is_offered("fine"));
	EXPECT_TRUE(is_offered("custom"));
	obs_properties_destroy(properties);
}

// No button moves under the mouse.
TEST_F(Filter, SaysItInFiveLinesInEveryState)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_EQ(lines(label(filter, "status")), 5) << label(filter, "status");
	capture(filter);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return status(filter).find("ms a frame") != std::string::npos; }))
		<< status(filter);
	EXPECT_EQ(lines(label(filter, "status")), 5) << label(filter, "status");
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "model", "/nowhere/a<b>&c.pth"); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("/nowhere/a&lt;b>&amp;c.pth") != std::string::npos; }))
		<< status(filter);
	EXPECT_EQ(lines(label(filter, "status")), 5) << label(filter, "status");
}

TEST_F(Filter, DoesNotShowTheUsersHomeFolder)
{
	const Variable home("HOME", "/nowhere/somebody");
	const OBSSource filter = matting_filter();
	update(filter,
	       [](obs_data_t *settings) { obs_data_set_string(settings, "model", "/nowhere/somebody/model.pth"); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("~/model.pth") != std::string::npos; }))
		<< status(filter);
	EXPECT_THAT(status(filter), testing::Not(HasSubstr("somebody")));
}

TEST_F(Filter, SaysWhenTheBackgroundWasCapturedAndHowItFits)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_EQ(label(filter, "background_info"), "None yet");
	capture(filter);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(label(filter, "background_info"), testing::MatchesRegex("Captured on 20.*, 320x180: fits well"));
	const std::string own = config_folder / "room.png";
	std::filesystem::rename(background(filter), own);
	EXPECT_THAT(label(filter, "background_info"), HasSubstr("capture it again"));
	update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "background", own.c_str()); });
	EXPECT_TRUE(wait_until([&] { return label(filter, "background_info") == "From the file room.png: fits well"; }))
		<< label(filter, "background_info");
}

TEST_F(Filter, GoesBackToTheBackgroundBeforeAndForthAgain)
{
	const OBSSource filter = add_difference_filter();
	capture(filter);
	const std::string first = background(filter);
	set_camera({.room = {20, 30, 120}});
	wait_frames(5);
	capture(filter);
	const std::string second = background(filter);
	for (const std::string &wanted : {first, second, first}) {
		press(filter, "use_previous_background");
		EXPECT_TRUE(wait_until([&] { return background(filter) == wanted; }));
	}
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

TEST_F(Filter, DeletesWhatItForgetsUnlessAnotherFilterUsesIt)
{
	OBSSource first = matting_filter();
	const std::string shared = background(first);
	OBSSourceAutoRelease copy = obs_source_duplicate(first, "copy", true);
	obs_source_filter_add(camera, copy);
	wait_frames(10);
	forget(first);
	wait_frames(5);
	EXPECT_TRUE(std::filesystem::exists(shared)) << "the copy uses it";
	obs_source_filter_remove(camera, copy);
	copy = nullptr;
	while (obs_wait_for_destroy_queue())
		;
	capture(first);
	const std::string own = background(first);
	EXPECT_EQ(std::filesystem::status(own).permissions(),
		  std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
	forget(first);
	EXPECT_TRUE(wait_until([&] { return !std::filesystem::exists(own); }));
}

// What the engine says, too; it knows no language but its own.
TEST_F(Filter, SaysInTheUsersLanguageWhatTheEngineSays)
{
	obs_set_locale("de-DE");
	const OBSSource filter =
		add_filter([](obs_data_t *settings) { obs_data_set_string(settings, "model", "/nowhere/model.pth"); });
	EXPECT_TRUE(wait_until([&] {
		return status(filter).find("/nowhere/model.pth kann nicht gelesen werden: diese Datei gibt es nicht") !=
		       std::string::npos;
	})) << status(filter);
	obs_set_locale("en-US");
}

// For reports: what is wrong, and nothing of the user's folders.
TEST_F(Filter, TellsWhatIsNeededForAReport)
{
	const OBSSource filter = matting_filter();
	const auto has_box = [&] {
		obs_properties_t *properties = obs_source_properties(filter);
		const bool has = obs_properties_get(properties, "diagnostics");
		obs_properties_destroy(properties);
		return has;
	};
	EXPECT_FALSE(has_box());
	press(filter, "show_diagnostics");
	ASSERT_TRUE(has_box());
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	const auto report_now = [&] {
		has_box(); // the panel is made anew
		return std::string(obs_data_get_string(settings, "diagnostics"));
	};
	EXPECT_TRUE(wait_until([&] { return report_now().find("problems:") != std::string::npos; })) << "the doctor's";
	const std::string report = report_now();
	for (const char *part : {"background-matting ", "OBS ", "quality: automatic", "\"state\":\"matting\"",
				 "glibc:", "instruction_set:", "first_matte_ms:"})
		EXPECT_THAT(report, HasSubstr(part));
	EXPECT_THAT(report, testing::Not(HasSubstr(config_folder.string())));
	EXPECT_FALSE(obs_data_has_user_value(settings, "diagnostics")) << "it would be saved with the scenes";
}

// The panel is made anew only for news: an open list would close, a slider leave the hand.
TEST_F(Filter, LeavesThePanelAloneWhileNothingHappens)
{
	const OBSSource filter = matting_filter();
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "quality", "fast"); });
	static std::atomic<int> times;
	signal_handler_connect(
		obs_source_get_signal_handler(filter), "update_properties", [](void *, calldata_t *) { times++; },
		nullptr);
	const auto count_during = [&](const std::function<void()> &action) {
		times = 0;
		action();
		return times.load();
	};
	// A busy machine may be slower than the camera for a while: that is news.
	EXPECT_TRUE(wait_until([&] { return count_during([&] { wait_frames(60); }) == 0; }));
	EXPECT_TRUE(wait_until([&] {
		return count_during([&] {
			       for (int i = 0; i < 20; i++, wait_frames(2))
				       update(filter, [&](obs_data_t *settings) {
					       obs_data_set_double(settings, "edge_shift", i % 2);
				       });
		       }) == 0;
	})) << "while a slider is held";
	for (std::atomic<bool> *is_open : {&list_is_open, &dialog_is_open}) {
		*is_open = true;
		kill(engine_id(), SIGKILL);
		EXPECT_EQ(count_during([&] { wait_frames(60); }), 0) << "while a list is open, or a file is chosen";
		*is_open = false;
		EXPECT_TRUE(wait_until([&] { return times > 0; })) << "that is news";
		EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
		EXPECT_TRUE(wait_until([&] { return count_during([&] { wait_frames(60); }) == 0; }));
	}
}

} // namespace
} // namespace matting
