// SPDX-License-Identifier: GPL-2.0-or-later
#include "settings.hpp"

#include "graphics.hpp"
#include "setting_values.hpp"

#include "plugin/engine/utf8_path.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace matting {
namespace {

constexpr double initial_blur = 2; // % of the width
constexpr uint32_t initial_colour = 0xFF60B040;
constexpr int initial_countdown = 5;

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
	options.*row.field = std::clamp(number_in(settings, row.name, row.initial), row.minimum, row.maximum);
}

void read(obs_data_t *settings, const NumberOption<int64_t> &row, Options &options)
{
	const auto of = [](int64_t number) {
		return static_cast<double>(number);
	};
	const double value = number_in(settings, row.name, of(row.initial));
	options.*row.field = static_cast<int64_t>(std::clamp(value, of(row.minimum), of(row.maximum)));
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
	options.*row.field = switch_in(settings, row.name, row.initial);
}

// The first model file in the module's data, by name; empty if there is none.
std::string find_bundled_model()
{
	const ObsString folder(obs_module_file("models"));
	if (!folder)
		return {};
	std::string first;
	std::error_code ignored;
	std::filesystem::directory_iterator entry(path_of(folder.get()), ignored);
	for (; !ignored && entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
		const std::string path = utf8_of(entry->path());
		if (entry->path().extension() == ".pth" && (first.empty() || path < first))
			first = path;
	}
	return first;
}

const std::string &bundled_model()
{
	static const std::string bundled = find_bundled_model(); // and not at each move of a slider
	return bundled;
}

template<size_t count>
size_t index_of(obs_data_t *settings, const char *setting, const std::array<const char *, count> &words,
		size_t usable = count)
{
	const std::string word = obs_data_get_string(settings, setting);
	const auto end = words.begin() + static_cast<std::ptrdiff_t>(usable);
	const auto found = std::find(words.begin(), end, word);
	return found == end ? 0 : static_cast<size_t>(found - words.begin());
}

// auto, cpu, cuda, cuda:N.
bool is_device(const std::string &word)
{
	constexpr std::string_view card = "cuda:";
	if (!word.starts_with(card))
		return word == "auto" || word == "cpu" || word == "cuda";
	const std::string number = word.substr(card.size());
	return !number.empty() && number.size() <= 2 && number.find_first_not_of("0123456789") == std::string::npos;
}

size_t view_of(obs_data_t *settings)
{
	const std::string word = obs_data_get_string(settings, view_setting);
	size_t view = view_count - 1;
	while (view > 0 && view_name(view) != word)
		view--;
	return view;
}

} // namespace

// Note [A setting of another type]
// Once there is a default, libobs takes what the setting was before for a value of the default's type, byte by byte: text for a
// number. And its controls show nothing, or the first that there is, where a value is none of theirs. So what is in force takes
// the place of such a value: first thing in a filter's life, and whenever a script has written one.
OBSDataAutoRelease corrections_of(obs_data_t *settings)
{
	OBSDataAutoRelease corrections = obs_data_create();
	bool is_wrong = false;
	const auto is = [&](const char *name, const auto &value) {
		is_wrong |= correct(corrections, settings, name, value);
	};
	Options options;
	for_each_option([&](const auto &row) {
		read(settings, row, options);
		if constexpr (requires { row.choices; })
			is(row.name, row.choices[static_cast<size_t>(options.*row.field)]);
		else
			is(row.name, options.*row.field);
	});
	const Presentation presentation = read_presentation(settings);
	is("behind", behind_names[static_cast<size_t>(presentation.behind)]);
	is("not_ready", behind_names[static_cast<size_t>(presentation.not_ready)]);
	is("behind_colour", int64_t{presentation.behind_colour});
	is("behind_blur", presentation.behind_blur);
	is("keep_running", presentation.keeps_running);
	is(view_setting, view_name(presentation.view));
	is("device", read_device(settings).c_str());
	is(executor_setting, executor_names[index_of(settings, executor_setting, executor_names)]);
	is(threads_setting, int64_t{read_threads(settings)});
	is(countdown_setting, int64_t{read_countdown(settings)});
	is(advanced_setting, switch_in(settings, advanced_setting, false));
	for (const char *name : {background_setting, model_setting, behind_picture_setting, not_ready_picture_setting,
				 series_setting}) // of another type it is read as an empty one
		is(name, obs_data_get_string(settings, name));
	if (!is_wrong)
		return nullptr;
	return corrections;
}

void set_defaults(obs_data_t *settings)
{
	obs_data_apply(settings, corrections_of(settings));
	obs_data_set_default_string(settings, model_setting, "");
	obs_data_set_default_string(settings, "device", "auto");
	obs_data_set_default_string(settings, executor_setting, executor_names[0]);
	obs_data_set_default_int(settings, threads_setting, 0);
	obs_data_set_default_string(settings, background_setting, "");
	obs_data_set_default_int(settings, countdown_setting, initial_countdown);
	obs_data_set_default_string(settings, view_setting, view_names[0]);
	obs_data_set_default_string(settings, "behind", behind_names[0]);
	obs_data_set_default_string(settings, "not_ready", behind_names[0]);
	obs_data_set_default_int(settings, "behind_colour", initial_colour);
	obs_data_set_default_double(settings, "behind_blur", initial_blur);
	for_each_option([&](const auto &row) { set_default(settings, row); });
}

Background read_background(obs_data_t *settings)
{
	const double number = number_in(settings, number_setting, 0);
	const bool is_number = number > 0 && number <= static_cast<double>(highest_number);
	return {obs_data_get_string(settings, background_setting), is_number ? static_cast<int64_t>(number) : 0};
}

std::string read_device(obs_data_t *settings)
{
	const std::string device = obs_data_get_string(settings, "device");
	return is_device(device) ? device : "auto";
}

uint32_t read_threads(obs_data_t *settings)
{
	return static_cast<uint32_t>(
		std::clamp<double>(number_in(settings, threads_setting, 0), 0, most_offered_threads));
}

Configuration read_settings(obs_data_t *settings)
{
	Configuration configuration;
	configuration.device = read_device(settings);
	configuration.model = obs_data_get_string(settings, model_setting);
	if (configuration.model.empty())
		configuration.model = bundled_model();
	if (index_of(settings, executor_setting, executor_names) != 0)
		configuration.execution = Execution::scripted;
	configuration.threads = read_threads(settings);
	configuration.background = read_background(settings);
	for_each_option([&](const auto &row) { read(settings, row, configuration.options); });
	if (const size_t view = view_of(settings); view < view_names.size())
		configuration.view = static_cast<View>(view);
	return configuration;
}

int read_countdown(obs_data_t *settings)
{
	return static_cast<int>(std::clamp<double>(number_in(settings, countdown_setting, initial_countdown), 0, 60));
}

uint32_t read_view_number(obs_data_t *settings)
{
	return static_cast<uint32_t>(std::clamp<double>(number_in(settings, view_number_setting, 0), 0, UINT32_MAX));
}

Presentation read_presentation(obs_data_t *settings)
{
	return {.behind = static_cast<Behind>(index_of(settings, "behind", behind_names)),
		.not_ready = static_cast<Behind>(index_of(settings, "not_ready", behind_names, not_ready_count)),
		.behind_picture = obs_data_get_string(settings, behind_picture_setting),
		.not_ready_picture = obs_data_get_string(settings, not_ready_picture_setting),
		.behind_colour = static_cast<uint32_t>(static_cast<int64_t>( // some write it with a sign
			std::clamp<double>(number_in(settings, "behind_colour", initial_colour), INT32_MIN,
					   UINT32_MAX))),
		.behind_blur = std::clamp(number_in(settings, "behind_blur", initial_blur), least_blur, most_blur),
		.keeps_running = switch_in(settings, "keep_running", false),
		.view = view_of(settings)};
}

} // namespace matting
