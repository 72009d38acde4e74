// SPDX-License-Identifier: GPL-2.0-or-later
// The filter for scripts and hotkeys.
#include "filter_test.hpp"

#include <csignal>
#include <future>
#include <map>
#include <memory>
#include <thread>

namespace matting {
namespace {

using testing::HasSubstr;

std::string json(obs_source_t *filter)
{
	calldata_t data = {};
	EXPECT_TRUE(proc_handler_call(obs_source_get_proc_handler(filter), "get_status", &data));
	const char *text = calldata_string(&data, "json");
	const std::string result = text ? text : "";
	calldata_free(&data);
	return result;
}

std::string state(obs_source_t *filter)
{
	OBSDataAutoRelease data = obs_data_create_from_json(json(filter).c_str());
	return obs_data_get_string(data, "state");
}

struct Hotkeys {
	std::map<std::string, obs_hotkey_id> ids;
	std::map<std::string, std::string> descriptions;
};

Hotkeys hotkeys()
{
	Hotkeys found;
	obs_enum_hotkeys(
		[](void *to, obs_hotkey_id id, obs_hotkey_t *hotkey) {
			const std::string name = obs_hotkey_get_name(hotkey);
			if (name.starts_with("background_matting.")) {
				static_cast<Hotkeys *>(to)->ids[name] = id;
				static_cast<Hotkeys *>(to)->descriptions[name] = obs_hotkey_get_description(hotkey);
			}
			return true;
		},
		&found);
	return found;
}

void press_hotkey(const char *name)
{
	obs_hotkey_enable_callback_rerouting(true);
	for (const auto &[full_name, id] : hotkeys().ids)
		if (full_name.find(name) != std::string::npos)
			obs_hotkey_trigger_routed_callback(id, true);
}

TEST_F(Filter, IsDrivenByProceduresAndSaysHowThingsStand)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return state(filter) == "no_background"; })) << json(filter);
	call(filter, "capture_background", 60);
	EXPECT_TRUE(wait_until([&] { return state(filter) == "counting_down"; })) << json(filter);
	call(filter, "capture_background", 0);
	wait_frames(10);
	EXPECT_EQ(state(filter), "counting_down") << "one at a time";
	call(filter, "cancel_capture");
	EXPECT_EQ(state(filter), "no_background");
	EXPECT_THAT(json(filter), HasSubstr("The capture was cancelled."));
	call(filter, "capture_background", 0);
	EXPECT_TRUE(wait_until([&] { return state(filter) == "matting"; })) << json(filter);
	EXPECT_TRUE(wait_until([&] { return json(filter).find("\"backbone_scale\":\"0.5\"") != std::string::npos; }))
		<< json(filter);
	call(filter, "forget_background");
	EXPECT_TRUE(wait_until([&] { return state(filter) == "no_background"; })) << json(filter);
}

TEST_F(Filter, SignalsChangesOfItsState)
{
	const OBSSource filter = add_difference_filter();
	static std::mutex mutex;
	static std::vector<std::string> states;
	states.clear();
	signal_handler_connect(
		obs_source_get_signal_handler(filter), "background_matting_state",
		[](void *, calldata_t *data) {
			const std::lock_guard lock(mutex);
			states.emplace_back(calldata_string(data, "state"));
			EXPECT_TRUE(calldata_ptr(data, "source"));
		},
		nullptr);
	capture(filter);
	const auto has = [&](const std::vector<std::string> &wanted) {
		const std::lock_guard lock(mutex);
		return testing::Value(states, testing::IsSupersetOf(wanted));
	};
	EXPECT_TRUE(wait_until([&] { return has({"capturing", "matting"}); })) << testing::PrintToString(states);
}

// Whoever hears of a state in a script waits for the script's lock, and who holds that may be looking for a source.
TEST_F(Filter, SaysItsStateWhereAnotherThreadMayLookForASource)
{
	const OBSSource filter = add_difference_filter();
	static std::atomic<int> found, missed;
	found = missed = 0;
	signal_handler_connect(
		obs_source_get_signal_handler(filter), "background_matting_state",
		[](void *, calldata_t *) {
			const auto has_looked = std::make_shared<std::promise<void>>();
			std::thread([has_looked] {
				obs_source_release(obs_get_source_by_name("camera"));
				has_looked->set_value();
			}).detach();
			const auto result = has_looked->get_future().wait_for(std::chrono::seconds(2));
			(result == std::future_status::ready ? found : missed)++;
		},
		nullptr);
	capture(filter);
	EXPECT_TRUE(wait_until([&] { return found + missed >= 3; }));
	EXPECT_EQ(missed, 0);
}

TEST_F(Filter, SaysThatNobodyShowsItsSource)
{
	OBSSource filter = matting_filter();
	const OBSDataAutoRelease settings = obs_source_get_settings(filter);
	const OBSDataAutoRelease saved = obs_data_create_from_json(obs_data_get_json(settings));
	obs_source_filter_remove(camera, filter);
	obs_sceneitem_set_visible(camera_item, false);
	const OBSSource hidden = add_filter([&](obs_data_t *all) { obs_data_apply(all, saved); });
	EXPECT_TRUE(wait_until([&] { return state(hidden) == "waiting"; })) << json(hidden);
	EXPECT_EQ(word(hidden, "verdict"), "The source is not shown.");
	set_camera({.width = 0, .height = 0});
	obs_sceneitem_set_visible(camera_item, true);
	EXPECT_TRUE(wait_until([&] { return word(hidden, "verdict") == "Waiting for the camera's picture…"; }))
		<< json(hidden);
}

TEST_F(Filter, KeepsItsHotkeysWhenItIsRenamed)
{
	const OBSSource filter = add_difference_filter();
	ASSERT_TRUE(wait_until([&] { return hotkeys().ids.size() == 3; }));
	const Hotkeys before = hotkeys();
	obs_source_set_name(filter, "another name");
	EXPECT_TRUE(wait_until(
		[&] { return hotkeys().descriptions.begin()->second.find("another name") != std::string::npos; }));
	EXPECT_EQ(hotkeys().ids, before.ids) << "the same keys under the same names";
}

// A key is kept under the hotkey's name, and that must be the same at OBS's next start.
TEST_F(Filter, HasTheSameHotkeysAtTheNextStart)
{
	OBSSource filter = add_difference_filter();
	ASSERT_TRUE(wait_until([&] { return hotkeys().ids.size() == 3; }));
	wait_frames(3);
	const Hotkeys before = hotkeys();
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	OBSDataAutoRelease saved = obs_data_create_from_json(obs_data_get_json(settings));
	obs_source_filter_remove(camera, filter);
	filter = nullptr;
	settings = nullptr;
	while (obs_wait_for_destroy_queue())
		;
	EXPECT_TRUE(hotkeys().ids.empty());
	const OBSSource again = add_filter([&](obs_data_t *all) { obs_data_apply(all, saved); });
	ASSERT_TRUE(wait_until([&] { return hotkeys().ids.size() == 3; }));
	for (const auto &[name, id] : hotkeys().ids)
		EXPECT_TRUE(before.ids.contains(name)) << name;
}

TEST_F(Filter, IsTurnedOffAndOnByItsHotkey)
{
	const OBSSource filter = matting_filter();
	ASSERT_TRUE(wait_until([&] { return hotkeys().ids.size() == 3; }));
	press_hotkey(".enable.");
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	EXPECT_TRUE(wait_until([&] { return state(filter) == "off"; })) << json(filter);
	EXPECT_THAT(status(filter), HasSubstr("The filter is off: your room is shown"));
	const std::string before = background(filter);
	press(filter, "capture_background");
	wait_frames(30);
	EXPECT_EQ(background(filter), before);
	press_hotkey(".enable.");
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

TEST_F(Filter, ShowsItsViewsByItsHotkeyAndNotAtTheNextStart)
{
	const OBSSource filter = matting_filter();
	ASSERT_TRUE(wait_until([&] { return hotkeys().ids.size() == 3; }));
	press_hotkey(".view.");
	EXPECT_TRUE(wait_until([&] {
		return near(person_pixel(), {255, 255, 255}) && near(room_pixel(), {0, 0, 0});
	})) << "alpha";
	EXPECT_THAT(status(filter), HasSubstr("Not for your audience"));
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	EXPECT_STREQ(obs_data_get_string(settings, "view"), "alpha");
	OBSDataAutoRelease saved = obs_data_create_from_json(obs_data_get_json(settings));
	const OBSSource again = add_filter([&](obs_data_t *all) { obs_data_apply(all, saved); });
	OBSDataAutoRelease its_settings = obs_source_get_settings(again);
	EXPECT_STREQ(obs_data_get_string(its_settings, "view"), "result");
	obs_source_filter_remove(camera, again);
	for (int i = 0; i < 6; i++) {
		press_hotkey(".view.");
		wait_frames(4);
	}
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

// What is drawn then was made for another view, and is the room.
TEST_F(Filter, DrawsNoOtherViewForTheResult)
{
	const OBSSource filter = matting_filter();
	const auto show = [&](const char *view) {
		update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "view", view); });
	};
	show("foreground");
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), room_colour); }));
	kill(engine_id(), SIGSTOP);
	wait_frames(3);
	show("result");
	wait_frames(3);
	frames_with_room = 0;
	wait_frames(10);
	EXPECT_EQ(frames_with_room, 0);
	kill(engine_id(), SIGCONT);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, ShowsThePlateAndBothSides)
{
	const OBSSource filter = matting_filter();
	const auto show = [&](const char *view) {
		update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "view", view); });
	};
	show("plate");
	EXPECT_TRUE(wait_until([&] { return near(person_pixel(), room_colour) && near(room_pixel(), room_colour); }));
	show("side_by_side");
	EXPECT_TRUE(wait_until([&] {
		return near(pixel(80, 100), person_colour) && near(pixel(10, 60), room_colour) &&
		       near(pixel(240, 100), person_colour) && near(pixel(170, 60), backdrop_colour);
	}));
	show("result");
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

} // namespace
} // namespace matting
