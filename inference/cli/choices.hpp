// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <charconv>
#include <cstdint>
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
	const auto find = [&value, words, list, name](const std::string &text) {
		for (const auto &[word, meaning] : words)
			if (word == text) {
				value = meaning;
				return;
			}
		throw CLI::ValidationError(name, fmt::format("{} is none of {}", text, list));
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

/// From 0 to what 64 bits hold. CLI11 takes a minus for a very large number, and the largest for a larger one.
inline CLI::Validator whole_number()
{
	const auto is_wrong = [](const std::string &text) {
		uint64_t number = 0;
		const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
		const bool is_number = error == std::errc() && end == text.data() + text.size();
		return is_number ? std::string() : fmt::format("{} is no whole number below 2^64", text);
	};
	return {is_wrong, ""};
}

} // namespace matting
