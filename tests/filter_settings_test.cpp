// SPDX-License-Identifier: GPL-2.0-or-later
// The panel and the choice of the device.
#include "filter_test.hpp"

#include <cmath>
#include <cstdint>

namespace matting {
namespace {

using testing::HasSubstr;

constexpr int64_t highest_number = int64_t{1} << 53; // that JSON keeps

TEST_F(Filter, OffersItsSettingsWithoutAFilter)
{
	obs_properties_t *properties = obs_get_source_properties("background_matting");
	EXPECT_TRUE(obs_properties_get(properties, "backbone_scale"));
	EXPECT_TRUE(obs_properties_get(properties, "model"));
	obs_properties_destroy(properties);
}

TEST_F(Filter, OffersTheDeviceOfItsSettingsEvenIfItIsAbsent)
{
	const OBSSource filter =
		add_filter([](obs_data_t *settings) { obs_data_set_string(settings, "device", "cuda:77"); });
	obs_properties_t *properties = obs_source_properties(filter);
	obs_property_t *list = obs_properties_get(properties, "device");
	std::vector<std::string> values;
	for (size_t i = 0; i < obs_property_list_item_count(list); i++)
		values.emplace_back(obs_property_list_item_string(list, i));
	EXPECT_THAT(values, testing::IsSupersetOf({"auto", "cpu", "cuda:77"}));
	obs_properties_destroy(properties);
}

// Scripts write what they like.
TEST_F(Filter, MattesWhateverItsSettingsAre)
{
	const OBSSource filter = matting_filter();
	update(filter, [](obs_data_t *settings) {
		obs_data_set_string(settings, "device", "");
		obs_data_set_string(settings, "quality", "custom");
		obs_data_set_double(settings, "backbone_scale", NAN);
		obs_data_set_double(settings, "edge_shift", -INFINITY);
		obs_data_set_double(settings, "behind_blur", NAN);
		obs_data_set_int(settings, "refine_sample_pixels", -5);
		obs_data_set_string(settings, "view", "nonsense");
		obs_data_set_int(settings, "capture_countdown", 7);
	});
	wait_frames(20);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	obs_properties_t *properties = obs_source_properties(filter);
	obs_property_t *countdown = obs_properties_get(properties, "capture_countdown");
	std::vector<int64_t> seconds;
	for (size_t i = 0; i < obs_property_list_item_count(countdown); i++)
		seconds.push_back(obs_property_list_item_int(countdown, i));
	EXPECT_THAT(seconds, testing::ElementsAre(0, 3, 5, 7, 10)) << "or the dialog would choose another";
	obs_properties_destroy(properties);
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "device", "nonsense"); });
	wait_frames(20);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

// Else the next capture's would be lower, and the plate of before in force for ever.
TEST_F(Filter, CountsBackgroundsWhateverItsSettingsSay)
{
	const OBSSource filter = matting_filter();
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	const auto is_true_in = [](obs_data_t *all) {
		const int64_t number = obs_data_get_int(all, "background_number");
		return number > 0 && number < 100;
	};
	for (const int64_t number : {INT64_MAX, INT64_MIN, highest_number, highest_number + 1}) {
		update(filter, [&](obs_data_t *change) { obs_data_set_int(change, "background_number", number); });
		EXPECT_TRUE(wait_until([&] { return is_true_in(settings); })) << number;
	}
	const std::string before = background(filter);
	capture(filter);
	const OBSSource again = add_filter([&](obs_data_t *change) {
		obs_data_set_string(change, "background", before.c_str());
		obs_data_set_int(change, "background_number", INT64_MAX);
	});
	OBSDataAutoRelease its_settings = obs_source_get_settings(again);
	EXPECT_TRUE(wait_until([&] { return is_true_in(its_settings); }));
	EXPECT_EQ(background(again), before);
}

TEST_F(Filter, TakesNumbersFromTextAndTheDefaultForNonsense)
{
	const OBSSource filter = matting_filter();
	update(filter, [](obs_data_t *settings) {
		obs_data_set_string(settings, "black_point", "0.25");
		obs_data_set_string(settings, "white_point", "much");
		obs_data_set_bool(settings, "edge_softness", true);
		obs_data_set_string(settings, "refine_sample_pixels", "12000");
		obs_data_set_int(settings, "refine_prevent_oversampling", 0);
	});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	press(filter, "show_diagnostics");
	obs_properties_destroy(obs_source_properties(filter)); // which writes it
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	const std::string report = obs_data_get_string(settings, "diagnostics");
	for (const char *line : {"black_point: 0.25", "white_point: 1\n", "edge_softness: 0\n",
				 "refine_sample_pixels: 12000", "refine_prevent_oversampling: false"})
		EXPECT_THAT(report, HasSubstr(line));
}

// OBS makes the panel anew before the tick that takes the settings.
TEST_F(Filter, OffersTheCountdownOfItsSettingsAtOnce)
{
	const OBSSource filter = add_difference_filter();
	OBSDataAutoRelease change = obs_data_create();
	obs_data_set_int(change, "capture_countdown", 7);
	obs_source_update(filter, change);
	obs_properties_t *properties = obs_source_properties(filter);
	obs_property_t *countdown = obs_properties_get(properties, "capture_countdown");
	EXPECT_EQ(obs_property_list_item_int(countdown, 3), 7);
	obs_properties_destroy(properties);
}

TEST_F(Filter, MakesThePanelAnewForTheButtonsThatChangeIt)
{
	const OBSSource filter = matting_filter();
	std::atomic<int> &times = count_panels(filter);
	for (const char *name : {"refresh", "show_diagnostics", "use_bundled_model"}) {
		EXPECT_TRUE(wait_for_no_panel());
		press(filter, name);
		EXPECT_TRUE(wait_until([&] { return times > 0; }, 5)) << name;
	}
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	EXPECT_STREQ(obs_data_get_string(settings, "model"), "");
	obs_properties_t *properties = obs_source_properties(filter);
	EXPECT_FALSE(obs_properties_get(properties, "use_bundled_model"));
	obs_properties_destroy(properties);
}

TEST_F(Filter, MattesAfterAModelThatWasChosenForAMoment)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	for (const std::string &model : {std::string("/nowhere.pth"), difference_model().string(),
					 std::string("/nowhere.pth"), difference_model().string()})
		update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "model", model.c_str()); });
	wait_frames(30);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, GreysOutWhatTheRefineModeIgnores)
{
	const OBSSource filter = add_difference_filter();
	obs_properties_t *properties = obs_source_properties(filter);
	const auto enabled = [&](const char *mode) {
		OBSDataAutoRelease settings = obs_data_create();
		obs_data_set_string(settings, "quality", "custom");
		obs_data_set_string(settings, "refine_mode", mode);
		obs_property_modified(obs_properties_get(properties, "refine_mode"), settings);
		return std::pair(obs_property_enabled(obs_properties_get(properties, "refine_sample_pixels")),
				 obs_property_enabled(obs_properties_get(properties, "refine_threshold")));
	};
	EXPECT_EQ(enabled("sampling"), std::pair(true, false));
	EXPECT_EQ(enabled("thresholding"), std::pair(false, true));
	EXPECT_EQ(enabled("full"), std::pair(false, false));
	obs_properties_destroy(properties);
}

TEST_F(Filter, MattesAgainAfterAChangeOfDevice)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	for (const char *device : {"auto", "cpu"}) {
		update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "device", device); });
		wait_frames(10);
		EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	}
	EXPECT_EQ(frames_with_room, 0);
}

// No machine has so many devices: what is missing is the card, the driver or the CUDA part of the engine.
TEST_F(Filter, SaysWhyAChosenDeviceDoesNotWork)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "device", "cuda:77"); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("cuda:77 fails again") != std::string::npos; }))
		<< status(filter);
	for (int i = 0; i < 50; i++) { // while it is tried again, too
		wait_frames(4);
		ASSERT_THAT(status(filter), HasSubstr("Choose the device “Automatic” or “CPU”"));
	}
	EXPECT_TRUE(is_empty());
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "device", "cpu"); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("cuda:77") == std::string::npos; })) << status(filter);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

} // namespace
} // namespace matting
