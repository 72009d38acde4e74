// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {

/// A flag that takes one of these words; no number stands for one, and help shows nothing but the words.
template<typename Enum>
CLI::Option *add_choice(CLI::App &command, const std::string &name, Enum &value,
			const std::vector<std::pair<std::string, Enum>> &words, const std::string &description = "")
{
	std::string list;
	for (const auto &[word, meaning] : words)
		list += (list.empty() ? "" : ", ") + word;
	const auto find = [&value, words, list](const std::string &text) {
		for (const auto &[word, meaning] : words)
			if (word == text) {
				value = meaning;
				return;
			}
		throw CLI::ValidationError(fmt::format("{} is none of {}", text, list));
	};
	return command.add_option_function<std::string>(name, find, description)->type_name(list);
}

/// Refuses also what is not a number, which CLI::Range lets through.
inline CLI::Validator number_between(double minimum, double maximum)
{
	const auto is_outside = [minimum, maximum](const std::string &text) {
		double number = 0;
		const bool is_inside =
			CLI::detail::lexical_cast(text, number) && number >= minimum && number <= maximum;
		return is_inside ? std::string() : fmt::format("{} is no number from {} to {}", text, minimum, maximum);
	};
	return {is_outside, fmt::format("{} to {}", minimum, maximum)};
}

} // namespace matting
