// SPDX-License-Identifier: GPL-2.0-or-later
#include "choices.hpp"
#include "commands.hpp"

#include "inference/matting.hpp"
#include "inference/model/known_models.hpp"
#include "inference/threads.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

std::string flag(const char *name)
{
	std::string text = std::string("--") + name;
	std::replace(text.begin(), text.end(), '_', '-');
	return text;
}

template<typename Value> CLI::Option *add_flag(CLI::App &command, const NumberOption<Value> &row, Options &options)
{
	return command.add_option(flag(row.name), options.*row.field)
		->check(number_between(static_cast<double>(row.minimum), static_cast<double>(row.maximum)))
		->type_name("")
		->capture_default_str();
}

template<typename Enum, size_t count>
CLI::Option *add_flag(CLI::App &command, const ChoiceOption<Enum, count> &row, Options &options)
{
	std::vector<std::pair<std::string, Enum>> words;
	for (size_t i = 0; i < count; i++)
		words.emplace_back(row.choices[i], static_cast<Enum>(i));
	return add_choice(command, flag(row.name), options.*row.field, words)
		->default_str(row.choices[static_cast<size_t>(row.initial)]);
}

CLI::Option *add_flag(CLI::App &command, const SwitchOption &row, Options &options)
{
	return command.add_option(flag(row.name), options.*row.field)
		->type_name("true, false")
		->default_str(row.initial ? "true" : "false");
}

} // namespace

void add_device_flag(CLI::App &command, std::string &device, const std::string &more)
{
	const auto is_wrong = [](const std::string &text) {
		const bool is_known =
			text == "auto" || text == "cpu" || text == "cuda" ||
			(text.starts_with("cuda:") && text.size() > 5 &&
			 std::all_of(text.begin() + 5, text.end(), [](unsigned char c) { return std::isdigit(c); }));
		return is_known ? std::string()
				: fmt::format("there is no device {}: use auto, cpu, cuda or cuda:N", text);
	};
	command.add_option("--device", device, "Where it is computed: auto, cpu, cuda or cuda:N" + more)
		->check(CLI::Validator(is_wrong, ""))
		->type_name("")
		->capture_default_str();
}

void add_engine_flags(CLI::App &command, EngineSettings &settings, int &threads)
{
	command.add_option_function<std::string>(
		       "--model", [&settings](const std::string &model) { settings.model = find_model(model); },
		       "A model file, or a name that `models list` shows; without it, the bundled one")
		->type_name("FILE|NAME")
		->group("Computing");
	add_device_flag(command, settings.device);
	command.add_option("--precision", settings.precision, "fp16 needs CUDA")
		->check(CLI::IsMember({"auto", "fp32", "fp16"}))
		->type_name("")
		->capture_default_str();
	command.add_option("--executor", settings.executor, "scripted: the TorchScript module as it is, for reference")
		->check(CLI::IsMember({"fast", "scripted"}))
		->type_name("")
		->capture_default_str();
	command.add_option("--threads", threads, "On the CPU; 0: one for each core")
		->check(number_between(0, 1024))
		->type_name("")
		->capture_default_str();
	for (const char *name : {"--device", "--precision", "--executor", "--threads"})
		command.get_option(name)->group("Computing");
}

EngineSettings with_model(EngineSettings settings)
{
	if (settings.model.path().empty())
		settings.model = bundled_model();
	return settings;
}

// Who gives an attribute a value means that one, and no other.
void OptionFlags::add_to(CLI::App &command)
{
	for_each_option([&](const auto &row) {
		const CLI::Option *option = add_flag(command, row, values_)->group("The network");
		copies_.emplace_back(option,
				     [this, field = row.field](Options &options) { options.*field = values_.*field; });
	});
	quality_ = command.get_option("--quality");
	command.parse_complete_callback([this, &command] {
		for_each_option([&](const auto &row) {
			if (!row.attribute || command.count(flag(row.name)) == 0)
				return;
			has_attributes_ = true;
			if (quality_->count() > 0 && values_.quality != Quality::custom)
				throw CLI::ValidationError(flag(row.name), "wants --quality custom, or none");
		});
	});
}

Options OptionFlags::over(Options options) const
{
	if (quality_->count() == 0 && (has_attributes_ || options != Options()))
		options.quality = Quality::custom;
	for (const auto &[option, copy] : copies_)
		if (option->count() > 0)
			copy(options);
	return options;
}

Engine make_engine(const EngineSettings &settings, int threads, const OptionFlags &options)
{
	set_threads(threads);
	Engine engine(with_model(settings));
	engine.set_options(options.over(engine.attributes()));
	return engine;
}

} // namespace matting
