// SPDX-License-Identifier: GPL-2.0-or-later
#include "settings.hpp"

#include "graphics.hpp"
#include "text.hpp"

#include "plugin/engine/device_choice.hpp"
#include "plugin/frames/cuda_devices.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

namespace matting {
namespace {

const char *hint(const char *name)
{
	return text(std::string(name) + ".hint");
}

// ---- One overload for each kind of row

void set_default(obs_data_t *settings, const NumberOption<double> &row)
{
	obs_data_set_default_double(settings, row.name, row.initial);
}

void set_default(obs_data_t *settings, const NumberOption<int64_t> &row)
{
	obs_data_set_default_int(settings, row.name, row.initial);
}

template<typename Enum, size_t count> void set_default(obs_data_t *settings, const ChoiceOption<Enum, count> &row)
{
	obs_data_set_default_string(settings, row.name, row.choices[static_cast<size_t>(row.initial)]);
}

void set_default(obs_data_t *settings, const SwitchOption &row)
{
	obs_data_set_default_bool(settings, row.name, row.initial);
}

void read(obs_data_t *settings, const NumberOption<double> &row, Options &options)
{
	options.*row.field = std::clamp(obs_data_get_double(settings, row.name), row.minimum, row.maximum);
}

void read(obs_data_t *settings, const NumberOption<int64_t> &row, Options &options)
{
	const int64_t value = obs_data_get_int(settings, row.name);
	options.*row.field = std::clamp(value, row.minimum, row.maximum);
}

template<typename Enum, size_t count>
void read(obs_data_t *settings, const ChoiceOption<Enum, count> &row, Options &options)
{
	const std::string word = obs_data_get_string(settings, row.name);
	const auto found = std::find(row.choices.begin(), row.choices.end(), word);
	if (found != row.choices.end())
		options.*row.field = static_cast<Enum>(found - row.choices.begin());
}

void read(obs_data_t *settings, const SwitchOption &row, Options &options)
{
	options.*row.field = obs_data_get_bool(settings, row.name);
}

obs_property_t *add_property(obs_properties_t *properties, const NumberOption<double> &row)
{
	return obs_properties_add_float_slider(properties, row.name, text(row.name), row.minimum, row.maximum,
					       row.step);
}

obs_property_t *add_property(obs_properties_t *properties, const NumberOption<int64_t> &row)
{
	return obs_properties_add_int_slider(properties, row.name, text(row.name), static_cast<int>(row.minimum),
					     static_cast<int>(row.maximum), static_cast<int>(row.step));
}

template<typename Enum, size_t count>
obs_property_t *add_property(obs_properties_t *properties, const ChoiceOption<Enum, count> &row)
{
	obs_property_t *list = obs_properties_add_list(properties, row.name, text(row.name), OBS_COMBO_TYPE_LIST,
						       OBS_COMBO_FORMAT_STRING);
	for (const char *choice : row.choices)
		obs_property_list_add_string(list, text(std::string(row.name) + "." + choice), choice);
	return list;
}

obs_property_t *add_property(obs_properties_t *properties, const SwitchOption &row)
{
	return obs_properties_add_bool(properties, row.name, text(row.name));
}

// The first model file in the module's data, by name; empty if there is none.
std::string bundled_model()
{
	const ObsString folder(obs_module_file("models"));
	if (!folder)
		return {};
	std::string first;
	std::error_code ignored;
	std::filesystem::directory_iterator entry(folder.get(), ignored);
	for (; !ignored && entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
		const std::string path = entry->path().string();
		if (entry->path().extension() == ".pth" && (first.empty() || path < first))
			first = path;
	}
	return first;
}

void add_model_property(obs_properties_t *properties)
{
	obs_property_t *model =
		obs_properties_add_path(properties, model_setting, text("model"), OBS_PATH_FILE,
					"BackgroundMattingV2 (*.pth *.pt *.torchscript);;* (*)", nullptr);
	obs_property_set_long_description(model, hint("model"));
}

// By their names, if they are known yet.
void add_device_property(obs_properties_t *properties, const std::string &current)
{
	obs_property_t *list = obs_properties_add_list(properties, "device", text("device"), OBS_COMBO_TYPE_LIST,
						       OBS_COMBO_FORMAT_STRING);
	obs_property_set_long_description(list, hint("device"));
	std::vector<std::string> values;
	const auto add = [&](const std::string &name, const std::string &value) {
		obs_property_list_add_string(list, name.c_str(), value.c_str());
		values.push_back(value);
	};
	add(text("device.auto"), "auto");
	add(text("device.cpu"), "cpu");
	if (is_cuda_engine_installed()) // else what it needs of the driver would be loaded for nothing
		find_cuda();
	const CudaMachine *machine = cuda_machine();
	for (size_t i = 0; machine && i < machine->devices.size(); i++)
		add(fmt::format("{} (cuda:{})", machine->devices[i], i), fmt::format("cuda:{}", i));
	// Else the dialog would choose another one, without being asked.
	if (!current.empty() && std::find(values.begin(), values.end(), current) == values.end())
		add(machine ? text("device.absent", current) : current, current);
}

// A control that the mode has no use for is grey.
bool enable_refine_controls(obs_properties_t *properties, obs_property_t *, obs_data_t *settings)
{
	const std::string mode = obs_data_get_string(settings, "refine_mode");
	const auto enable = [&](const char *name, const char *where) {
		obs_property_set_enabled(obs_properties_get(properties, name), mode == where);
	};
	enable("refine_sample_pixels", "sampling");
	enable("refine_prevent_oversampling", "sampling");
	enable("refine_threshold", "thresholding");
	return true;
}

void add_background_properties(obs_properties_t *properties)
{
	obs_property_t *background =
		obs_properties_add_path(properties, background_setting, text("background"), OBS_PATH_FILE,
					"(*.png *.jpg *.jpeg *.webp);;* (*)", nullptr);
	obs_property_set_long_description(background, hint("background"));
	obs_property_t *countdown = obs_properties_add_list(properties, countdown_setting, text(countdown_setting),
							    OBS_COMBO_TYPE_LIST, OBS_COMBO_FORMAT_INT);
	obs_property_set_long_description(countdown, hint(countdown_setting));
	for (const int seconds : {0, 3, 5, 10})
		obs_property_list_add_int(
			countdown,
			text(seconds ? "capture_countdown.seconds" : "capture_countdown.none", seconds).c_str(),
			seconds);
}

} // namespace

void set_defaults(obs_data_t *settings)
{
	obs_data_set_default_string(settings, model_setting, "");
	obs_data_set_default_string(settings, "device", "auto");
	obs_data_set_default_string(settings, background_setting, "");
	obs_data_set_default_int(settings, countdown_setting, 5);
	for_each_option([&](const auto &row) { set_default(settings, row); });
}

Configuration read_settings(obs_data_t *settings)
{
	Configuration configuration;
	configuration.device = obs_data_get_string(settings, "device");
	configuration.model = obs_data_get_string(settings, model_setting);
	if (configuration.model.empty())
		configuration.model = bundled_model();
	configuration.background.path = obs_data_get_string(settings, background_setting);
	configuration.background.number = obs_data_get_int(settings, number_setting);
	for_each_option([&](const auto &row) { read(settings, row, configuration.options); });
	return configuration;
}

void add_setting_properties(obs_properties_t *properties, const std::string &device)
{
	add_background_properties(properties);
	for_each_option([&](const auto &row) {
		obs_property_set_long_description(add_property(properties, row), hint(row.name));
	});
	obs_property_set_modified_callback(obs_properties_get(properties, "refine_mode"), enable_refine_controls);
	add_model_property(properties);
	add_device_property(properties, device);
}

} // namespace matting
