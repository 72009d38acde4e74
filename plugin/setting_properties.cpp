// SPDX-License-Identifier: GPL-2.0-or-later
// The controls of the settings.
#include "hint.hpp"
#include "settings.hpp"
#include "text.hpp"

#include "inference/wire/home_folder.hpp"
#include "plugin/engine/device_choice.hpp"
#include "plugin/engine/utf8_path.hpp"
#include "plugin/frames/cuda_devices.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <vector>

#include <fmt/format.h>

namespace matting {
namespace {

// ---- One overload for each kind of row

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

template<typename Row> void add_row(obs_properties_t *properties, const Row &row)
{
	with_hint(add_property(properties, row));
}

template<size_t count>
obs_property_t *add_words(obs_properties_t *properties, const char *name, const std::array<const char *, count> &words,
			  size_t usable = count)
{
	obs_property_t *list =
		obs_properties_add_list(properties, name, text(name), OBS_COMBO_TYPE_LIST, OBS_COMBO_FORMAT_STRING);
	for (size_t i = 0; i < usable; i++)
		obs_property_list_add_string(list, text(std::string(name) + "." + words[i]), words[i]);
	return list;
}

obs_property_t *add_picture(obs_properties_t *properties, const char *name)
{
	return with_hint(obs_properties_add_path(properties, name, text(name), OBS_PATH_FILE,
						 "(*.png *.jpg *.jpeg *.webp);;* (*)", nullptr));
}

void add_group(obs_properties_t *properties, const char *name, obs_properties_t *group)
{
	obs_properties_add_group(properties, name, text(name), OBS_GROUP_NORMAL, group);
}

// By their names, if they are known yet.
void add_device(obs_properties_t *properties, const std::string &current, const std::string &note)
{
	obs_property_t *list = obs_properties_add_list(properties, "device", text("device"), OBS_COMBO_TYPE_LIST,
						       OBS_COMBO_FORMAT_STRING);
	set_hint(list, note.empty() ? hint("device") : hint("device") + ("\n" + note));
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
	if (current == "cuda" && machine && !machine->devices.empty()) // a script's, for the first one
		add(fmt::format("{} (cuda)", machine->devices.front()), current);
	// Else the dialog would choose another one, without being asked.
	if (!current.empty() && std::find(values.begin(), values.end(), current) == values.end())
		add(machine ? text("device.absent", current) : current, current);
}

void add_executor(obs_properties_t *properties)
{
	with_hint(
		obs_properties_add_int(properties, threads_setting, text(threads_setting), 0, most_offered_threads, 1));
	with_hint(add_words(properties, executor_setting, executor_names));
}

// Empty: none has been fetched.
std::string fetched_models()
{
	const auto folder = user_models_folder();
	std::error_code ignored;
	return std::filesystem::is_directory(folder, ignored) ? utf8_of(folder) : "";
}

// Its dialog begins at the file that is chosen, or else at these, which it would hide.
void add_model(obs_properties_t *properties)
{
	with_hint(obs_properties_add_path(properties, model_setting, text(model_setting), OBS_PATH_FILE,
					  "BackgroundMattingV2 (*.pth *.pt *.torchscript *.safetensors);;* (*)",
					  fetched_models().c_str()));
}

// ---- What a setting has no use for is grey, or not there

bool follow_quality(obs_properties_t *properties, obs_property_t *, obs_data_t *settings)
{
	const bool is_custom = obs_data_get_string(settings, "quality") == std::string("custom");
	const std::string mode = obs_data_get_string(settings, "refine_mode");
	// Hidden where the quality sets them: what they say would not be in force.
	const auto enable = [&](const char *name, const char *where) {
		obs_property_t *property = obs_properties_get(properties, name);
		obs_property_set_visible(property, is_custom);
		obs_property_set_enabled(property, !where || mode == where);
	};
	enable("backbone_scale", nullptr);
	enable("refine_mode", nullptr);
	enable("refine_sample_pixels", "sampling");
	enable("refine_prevent_oversampling", "sampling");
	enable("refine_threshold", "thresholding");
	return true;
}

bool follow_behind(obs_properties_t *properties, obs_property_t *, obs_data_t *settings)
{
	const std::string behind = obs_data_get_string(settings, "behind"),
			  not_ready = obs_data_get_string(settings, "not_ready");
	const auto show = [&](const char *name, bool is_used) {
		obs_property_set_visible(obs_properties_get(properties, name), is_used);
	};
	show("behind_blur", behind == "blurred" || not_ready == "blurred");
	show(behind_picture_setting, behind == "picture");
	show("behind_colour", behind == "colour");
	show(not_ready_picture_setting, not_ready == "picture");
	return true;
}

bool follow_executor(obs_properties_t *properties, obs_property_t *, obs_data_t *settings)
{
	if (obs_property_t *trust = obs_properties_get(properties, "trust_model"))
		obs_property_set_visible(trust,
					 obs_data_get_string(settings, executor_setting) == std::string("scripted") &&
						 *obs_data_get_string(settings, model_setting));
	return true;
}

bool follow_advanced(obs_properties_t *properties, obs_property_t *, obs_data_t *settings)
{
	obs_property_set_visible(obs_properties_get(properties, "advanced_group"),
				 obs_data_get_bool(settings, advanced_setting));
	return true;
}

} // namespace

void add_quality(obs_properties_t *properties)
{
	for_each_option([&](const auto &row) {
		if (std::string(row.name) == "quality")
			add_row(properties, row);
	});
	obs_property_set_modified_callback(obs_properties_get(properties, "quality"), follow_quality);
}

void add_countdown(obs_properties_t *properties, int current)
{
	std::set<int> offered{0, 3, 5, 10};
	offered.insert(
		std::max(current, 0)); // of a script; else the dialog would choose another one, without being asked
	obs_property_t *countdown = with_hint(obs_properties_add_list(
		properties, countdown_setting, text(countdown_setting), OBS_COMBO_TYPE_LIST, OBS_COMBO_FORMAT_INT));
	for (const int seconds : offered)
		obs_property_list_add_int(
			countdown,
			text(seconds ? "capture_countdown.seconds" : "capture_countdown.none", seconds).c_str(),
			seconds);
}

void add_edge_group(obs_properties_t *properties)
{
	obs_properties_t *group = obs_properties_create();
	for_each_option([&](const auto &row) {
		if (!row.attribute && std::string(row.name) != "quality")
			add_row(group, row);
	});
	add_group(properties, "edge_group", group);
}

void add_behind_group(obs_properties_t *properties)
{
	obs_properties_t *group = obs_properties_create();
	obs_property_t *behind = with_hint(add_words(group, "behind", behind_names));
	with_hint(
		obs_properties_add_float_slider(group, "behind_blur", text("behind_blur"), least_blur, most_blur, 0.1));
	add_picture(group, behind_picture_setting);
	with_hint(obs_properties_add_color(group, "behind_colour", text("behind_colour")));
	obs_property_t *not_ready = with_hint(add_words(group, "not_ready", behind_names, not_ready_count));
	add_picture(group, not_ready_picture_setting);
	with_hint(obs_properties_add_bool(group, "keep_running", text("keep_running")));
	add_group(properties, "behind_group", group);
	obs_property_set_modified_callback(behind, follow_behind);
	obs_property_set_modified_callback(not_ready, follow_behind);
}

void add_advanced_group(obs_properties_t *properties, const std::string &device, const std::string &device_note,
			const std::function<void(obs_properties_t *)> &add_more)
{
	obs_property_t *advanced =
		with_hint(obs_properties_add_bool(properties, advanced_setting, text(advanced_setting)));
	obs_properties_t *group = obs_properties_create();
	add_picture(group, background_setting);
	for_each_option([&](const auto &row) {
		if (row.attribute)
			add_row(group, row);
	});
	add_model(group);
	add_device(group, device, device_note);
	add_executor(group);
	obs_property_t *view = with_hint(obs_properties_add_list(group, view_setting, text(view_setting),
								 OBS_COMBO_TYPE_LIST, OBS_COMBO_FORMAT_STRING));
	for (size_t i = 0; i < view_count; i++)
		obs_property_list_add_string(view, text(fmt::format("view.{}", view_name(i))), view_name(i));
	add_more(group);
	add_group(properties, "advanced_group", group);
	obs_property_set_modified_callback(advanced, follow_advanced);
	obs_property_set_modified_callback(obs_properties_get(properties, "refine_mode"), follow_quality);
	obs_property_set_modified_callback(obs_properties_get(properties, executor_setting), follow_executor);
	obs_property_set_modified_callback(obs_properties_get(properties, model_setting), follow_executor);
}

} // namespace matting
