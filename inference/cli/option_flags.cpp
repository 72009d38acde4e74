// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"

#include "inference/matting.hpp"
#include "inference/model/known_models.hpp"
#include "inference/threads.hpp"

#include <algorithm>
#include <map>
#include <string>

#include <CLI/CLI.hpp>

namespace matting {
namespace {

std::string flag(const char *name)
{
	std::string text = std::string("--") + name;
	std::replace(text.begin(), text.end(), '_', '-');
	return text;
}

template<typename Value> void add_flag(CLI::App &command, const NumberOption<Value> &row, Options &options)
{
	command.add_option(flag(row.name), options.*row.field)
		->check(CLI::Range(row.minimum, row.maximum))
		->capture_default_str();
}

template<typename Enum, size_t count>
void add_flag(CLI::App &command, const ChoiceOption<Enum, count> &row, Options &options)
{
	std::map<std::string, Enum> words;
	for (size_t i = 0; i < count; i++)
		words[row.choices[i]] = static_cast<Enum>(i);
	command.add_option(flag(row.name), options.*row.field)
		->transform(CLI::CheckedTransformer(words))
		->default_str(row.choices[static_cast<size_t>(row.initial)]);
}

void add_flag(CLI::App &command, const SwitchOption &row, Options &options)
{
	command.add_option(flag(row.name), options.*row.field)->capture_default_str();
}

} // namespace

void add_engine_flags(CLI::App &command, EngineSettings &settings, int &threads)
{
	command.add_option_function<std::string>(
		"--model", [&settings](const std::string &path) { settings.model = path; },
		"Model file; without it, the bundled one");
	command.add_option("--device", settings.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
	command.add_option("--precision", settings.precision, "auto, fp32 or fp16; fp16 needs CUDA")
		->check(CLI::IsMember({"auto", "fp32", "fp16"}))
		->capture_default_str();
	command.add_option("--executor", settings.executor,
			   "fast, or scripted: the TorchScript module as it is, for reference")
		->check(CLI::IsMember({"fast", "scripted"}))
		->capture_default_str();
	command.add_option("--threads", threads, "On the CPU; 0: one for each core")
		->check(CLI::Range(0, 1024))
		->capture_default_str();
}

EngineSettings with_model(EngineSettings settings)
{
	if (settings.model.path().empty())
		settings.model = bundled_model();
	return settings;
}

Engine make_engine(const EngineSettings &settings, int threads, const Options &options)
{
	set_threads(threads);
	Engine engine(with_model(settings));
	engine.set_options(options);
	return engine;
}

// Who gives an attribute a value means that one, and no other.
void add_option_flags(CLI::App &command, Options &options)
{
	for_each_option([&](const auto &row) { add_flag(command, row, options); });
	command.parse_complete_callback([&command, &options] {
		for_each_option([&](const auto &row) {
			if (!row.attribute || command.count(flag(row.name)) == 0)
				return;
			if (command.count("--quality") != 0 && options.quality != Quality::custom)
				throw CLI::ValidationError(flag(row.name), "wants --quality custom, or none");
			options.quality = Quality::custom;
		});
	});
}

} // namespace matting
