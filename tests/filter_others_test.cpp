// SPDX-License-Identifier: GPL-2.0-or-later
// Filters that others put before ours, after the background was captured.
#include "filter_test.hpp"

namespace matting {
namespace {

class FilterAmongOthers : public Filter {
protected:
	// It would be the last to work; on top of the list is the first.
	OBSSource add_before(const char *id)
	{
		const OBSSource other = add_stock_filter(id);
		obs_source_filter_set_order(camera, other, OBS_ORDER_MOVE_TOP);
		return other;
	}

	bool warns(obs_source_t *filter)
	{
		return status(filter).find("The filters above this one") != std::string::npos;
	}

	// Longer than until it looks again.
	bool stays_quiet(obs_source_t *filter)
	{
		return !wait_until([&] { return warns(filter); }, 2.5);
	}
};

TEST_F(FilterAmongOthers, SaysThatAnotherFilterHasComeBeforeIt)
{
	const OBSSource filter = matting_filter();
	EXPECT_TRUE(stays_quiet(filter)) << status(filter);
	const OBSSource other = add_before("color_filter");
	EXPECT_TRUE(wait_until([&] { return warns(filter); })) << status(filter);
	obs_source_set_enabled(other, false);
	EXPECT_TRUE(wait_until([&] { return !warns(filter); })) << status(filter);
	obs_source_set_enabled(other, true);
	EXPECT_TRUE(wait_until([&] { return warns(filter); })) << status(filter);
	capture(filter);
	EXPECT_TRUE(wait_until([&] { return !warns(filter); })) << status(filter);
	update(other, [](obs_data_t *settings) { obs_data_set_double(settings, "gamma", 0.01); });
	EXPECT_TRUE(wait_until([&] { return warns(filter); })) << status(filter);
	update(other, [](obs_data_t *settings) { obs_data_set_double(settings, "gamma", 0); });
	EXPECT_TRUE(wait_until([&] { return !warns(filter); })) << "it is as it was, if written differently";
}

TEST_F(FilterAmongOthers, HasNothingAgainstFiltersBehindItNorAgainstDelays)
{
	const OBSSource filter = matting_filter();
	add_stock_filter("color_filter");
	add_before("gpu_delay");
	EXPECT_TRUE(stays_quiet(filter)) << status(filter);
}

TEST_F(FilterAmongOthers, LooksAtOneInWhoseSettingsSomethingIsNothing)
{
	const OBSSource filter = matting_filter();
	const OBSSource other = add_stock_filter("color_filter");
	OBSDataAutoRelease settings = obs_source_get_settings(other);
	obs_data_set_obj(settings, "nothing", nullptr);
	obs_source_filter_set_order(camera, other, OBS_ORDER_MOVE_TOP);
	EXPECT_TRUE(wait_until([&] { return warns(filter); })) << status(filter);
	obs_source_filter_remove(camera, other);
	EXPECT_TRUE(wait_until([&] { return !warns(filter); })) << status(filter);
}

TEST_F(FilterAmongOthers, KnowsAfterARestartWhatThereWas)
{
	OBSSource filter = add_difference_filter();
	const OBSSource other = add_before("color_filter");
	update(other, [](obs_data_t *settings) {
		obs_data_set_double(settings, "gamma", 0.1);
		obs_data_set_int(settings, "color_multiply", 0xFFFEFEFE);
	});
	capture(filter);
	const auto restarted = [&](const OBSSource &source) {
		OBSDataAutoRelease saved = obs_save_source(source);
		OBSDataAutoRelease loaded = obs_data_create_from_json(obs_data_get_json(saved));
		obs_source_filter_remove(camera, source);
		return loaded;
	};
	OBSDataAutoRelease ours = restarted(filter), others = restarted(other);
	filter = nullptr;
	const auto load = [&](obs_data_t *saved) {
		OBSSourceAutoRelease source = obs_load_source(saved);
		obs_source_filter_add(camera, source);
		return OBSSource(source.Get());
	};
	const OBSSource other_again = load(others), again = load(ours);
	set_camera({.has_person = true});
	EXPECT_TRUE(stays_quiet(again)) << status(again);
	update(other_again, [](obs_data_t *settings) { obs_data_set_double(settings, "gamma", 0.2); });
	EXPECT_TRUE(wait_until([&] { return warns(again); })) << status(again);
}

} // namespace
} // namespace matting
