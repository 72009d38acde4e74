// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"

#include "inference/options.hpp"

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

void add_option_flags(CLI::App &command, Options &options)
{
	for_each_option([&](const auto &row) { add_flag(command, row, options); });
}

} // namespace matting
