// SPDX-License-Identifier: GPL-2.0-or-later
// Settings as scripts write them, by way of obs-websocket perhaps: of every type, and out of every range.
#include "filter_test.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace matting {
namespace {

std::vector<std::string> odd_values()
{
	return {"\"much\"",
		"\"\"",
		"1e300",
		"-1e300",
		"-3",
		"0.5",
		"9223372036854775807",
		"-9223372036854775808",
		"true",
		"false",
		"null",
		"[]",
		"[[]]",
		"{}",
		"{\"value\": [{\"1\": 2}]}",
		'"' + std::string(1 << 20, 'x') + '"'};
}

/// A control that shows a setting.
struct Control {
	std::string name;
	obs_property_type type;
	double minimum = 0, maximum = UINT32_MAX;
	std::vector<std::string> values; // of a list
};

Control describe(obs_property_t *property)
{
	Control control{obs_property_name(property), obs_property_get_type(property)};
	if (control.type == OBS_PROPERTY_FLOAT) {
		control.minimum = obs_property_float_min(property);
		control.maximum = obs_property_float_max(property);
	} else if (control.type == OBS_PROPERTY_INT) {
		control.minimum = obs_property_int_min(property);
		control.maximum = obs_property_int_max(property);
	} else if (control.type == OBS_PROPERTY_LIST) {
		for (size_t i = 0; i < obs_property_list_item_count(property); i++)
			control.values.push_back(obs_property_list_format(property) == OBS_COMBO_FORMAT_STRING
							 ? obs_property_list_item_string(property, i)
							 : std::to_string(obs_property_list_item_int(property, i)));
	}
	return control;
}

void describe_all(obs_properties_t *properties, std::vector<Control> &controls)
{
	for (obs_property_t *property = obs_properties_first(properties); property; obs_property_next(&property)) {
		const obs_property_type type = obs_property_get_type(property);
		if (type == OBS_PROPERTY_GROUP)
			describe_all(obs_property_group_content(property), controls);
		else if (type != OBS_PROPERTY_TEXT && type != OBS_PROPERTY_BUTTON)
			controls.push_back(describe(property));
	}
}

bool can_show(const Control &control, obs_data_t *settings)
{
	const char *name = control.name.c_str();
	obs_data_item_t *item = obs_data_item_byname(settings, name);
	const obs_data_type type = obs_data_item_gettype(item);
	obs_data_item_release(&item);
	const double number = obs_data_get_double(settings, name);
	const auto has = [&](const std::string &value) {
		return std::ranges::count(control.values, value) > 0;
	};
	switch (control.type) {
	case OBS_PROPERTY_BOOL:
		return type == OBS_DATA_BOOLEAN || type == OBS_DATA_NULL;
	case OBS_PROPERTY_PATH:
		return type == OBS_DATA_STRING || type == OBS_DATA_NULL;
	case OBS_PROPERTY_LIST:
		return (type == OBS_DATA_STRING && has(obs_data_get_string(settings, name))) ||
		       (type == OBS_DATA_NUMBER && has(std::to_string(obs_data_get_int(settings, name))));
	default:
		return type == OBS_DATA_NUMBER && number >= control.minimum && number <= control.maximum;
	}
}

class OddSettings : public Filter {
protected:
	/// But for the model, which would have to be loaded each time.
	static OBSDataAutoRelease all_as(const std::vector<Control> &controls, const std::string &value)
	{
		std::string json = "\"background_number\": " + value;
		for (const char *name : {"background_series", "view_number"})
			json += ", \"" + std::string(name) + "\": " + value;
		for (const Control &control : controls)
			if (control.name != "model")
				json += ", \"" + control.name + "\": " + value;
		return obs_data_create_from_json(("{" + json + "}").c_str());
	}

	static std::vector<Control> controls_of(obs_source_t *filter)
	{
		std::vector<Control> controls;
		obs_properties_t *properties = obs_source_properties(filter);
		describe_all(properties, controls);
		obs_properties_destroy(properties);
		EXPECT_GT(controls.size(), 20u);
		return controls;
	}

	/// With what they offer once it is chosen.
	static std::vector<Control> controls_of_later(obs_source_t *filter)
	{
		std::vector<Control> controls = controls_of(filter);
		for (Control &control : controls)
			if (control.name == "capture_countdown")
				control.values.emplace_back("60"); // the most
		return controls;
	}

	/// The first that is not as its control could show it.
	static std::string odd_one(const std::vector<Control> &controls, obs_source_t *filter)
	{
		const OBSDataAutoRelease settings = obs_source_get_settings(filter);
		for (const Control &control : controls)
			if (!can_show(control, settings))
				return control.name;
		return {};
	}
};

TEST_F(OddSettings, GiveWayToWhatIsInForce)
{
	const OBSSource filter = matting_filter();
	const std::string plate = background(filter);
	const std::vector<Control> controls = controls_of_later(filter);
	frames_with_room = 0;
	for (const std::string &value : odd_values()) {
		const OBSDataAutoRelease odd = all_as(controls, value);
		obs_source_update(filter, odd);
		ASSERT_TRUE(wait_until([&] { return odd_one(controls, filter).empty(); }))
			<< odd_one(controls, filter) << " " << value.substr(0, 40);
		wait_frames(3); // in which what has come into force is stored
	}
	const OBSDataAutoRelease settings = obs_source_get_settings(filter);
	obs_data_clear(settings); // as "Defaults" does
	update(filter, [&](obs_data_t *change) {
		obs_data_set_string(change, "background", plate.c_str());
		obs_data_set_string(change, "model", difference_model().c_str());
	});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

// OBS makes its panel anew before the filter has been told.
TEST_F(OddSettings, AreNotInThePanel)
{
	const OBSSource filter = add_difference_filter();
	const std::vector<Control> controls = controls_of(filter);
	for (const std::string &value : odd_values()) {
		const OBSDataAutoRelease odd = all_as(controls, value);
		obs_source_update(filter, odd);
		EXPECT_EQ(odd_one(controls_of(filter), filter), "") << value.substr(0, 40);
	}
}

// As in a scene collection that was written by hand.
TEST_F(OddSettings, MayBeItsFirst)
{
	const std::vector<Control> controls = controls_of_later(add_difference_filter());
	for (const std::string &value : odd_values()) {
		const OBSSource filter = add_filter([&](obs_data_t *settings) {
			const OBSDataAutoRelease odd = all_as(controls, value);
			obs_data_apply(settings, odd);
			obs_data_set_string(settings, "model", difference_model().c_str());
		});
		EXPECT_EQ(odd_one(controls, filter), "") << value.substr(0, 40);
		wait_frames(3);
		obs_source_filter_remove(camera, filter);
	}
}

TEST_F(OddSettings, AreTakenForWhatTheySay)
{
	const OBSSource filter = add_filter([](obs_data_t *settings) {
		obs_data_set_string(settings, "model", difference_model().c_str());
		obs_data_set_string(settings, "black_point", "0.25");
		obs_data_set_int(settings, "refine_prevent_oversampling", 0);
		obs_data_set_double(settings, "threads", 1e300);
		obs_data_set_string(settings, "capture_countdown", "7");
		obs_data_set_int(settings, "behind_colour", -1);
	});
	const OBSDataAutoRelease settings = obs_source_get_settings(filter);
	EXPECT_EQ(obs_data_get_double(settings, "black_point"), 0.25);
	EXPECT_FALSE(obs_data_get_bool(settings, "refine_prevent_oversampling"));
	EXPECT_EQ(obs_data_get_int(settings, "threads"), 64);
	EXPECT_EQ(obs_data_get_int(settings, "capture_countdown"), 7);
	EXPECT_EQ(obs_data_get_int(settings, "behind_colour"), UINT32_MAX);
}

} // namespace
} // namespace matting
