// SPDX-License-Identifier: GPL-2.0-or-later
// What is said to users, in a form that can be said in other languages.
//
// Note [Sentences]
// The engine speaks English; the plugin has the same sentences in six languages, by key (data/locale). What comes from one to
// the other, and what is thrown on the way, is text in which a sentence is held as what it is made of: its key, the English
// with places for arguments, and the arguments, in which there may be other sentences. `said` makes it readable again.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace matting {

/// English with as many places {} as there are arguments; another number does not compile.
template<typename... Arguments> struct BasicPattern {
	consteval BasicPattern(const char *english) : text(english)
	{
		size_t places = 0;
		for (const char *at = english; *at; at++)
			places += at[0] == '{' && at[1] == '}';
		if (places != sizeof...(Arguments))
			throw "not as many places as arguments";
	}
	const char *text;
};
template<typename... Arguments> using Pattern = BasicPattern<std::type_identity_t<Arguments>...>;

class Sentences {
public:
	static std::string make(std::string_view key, std::string_view english,
				std::initializer_list<std::string> arguments)
	{
		std::string text = begin + std::string(key) + separator + std::string(english);
		for (const std::string &argument : arguments)
			text += separator + argument;
		return text + end;
	}

	/// `text` with every sentence in it as `pattern_of(key, english)` has it. Whatever the text is: it may come from anywhere.
	template<typename PatternOf> static std::string said(std::string_view text, const PatternOf &pattern_of)
	{
		return read(text, pattern_of, deepest, /*is_part=*/false);
	}

private:
	static constexpr char begin = '\x02', end = '\x03', separator = '\x1f';
	static constexpr int deepest = 8;

	// Up to the end, or to that of a part of a sentence.
	template<typename PatternOf>
	static std::string read(std::string_view &text, const PatternOf &pattern_of, int depth, bool is_part)
	{
		std::string out;
		while (!text.empty() && !(is_part && (text[0] == separator || text[0] == end))) {
			const char letter = text[0];
			text.remove_prefix(1);
			if (letter == begin && depth > 0)
				out += read_sentence(text, pattern_of, depth - 1);
			else if (letter != begin && letter != end && letter != separator)
				out += letter;
		}
		return out;
	}

	template<typename PatternOf>
	static std::string read_sentence(std::string_view &text, const PatternOf &pattern_of, int depth)
	{
		std::vector<std::string> parts;
		bool goes_on = true;
		while (goes_on) {
			parts.push_back(read(text, pattern_of, depth, /*is_part=*/true));
			goes_on = !text.empty() && text[0] == separator;
			text.remove_prefix(text.empty() ? 0 : 1);
		}
		return parts.size() < 2 ? parts[0] : filled(pattern_of(parts[0], parts[1]), parts);
	}

	// The places of a pattern get the arguments, which begin with the third part.
	static std::string filled(std::string_view pattern, const std::vector<std::string> &parts)
	{
		std::string out;
		size_t argument = 2;
		for (size_t at = 0; at < pattern.size(); at++) {
			if (pattern.substr(at, 2) != "{}") {
				out += pattern[at];
				continue;
			}
			out += argument < parts.size() ? parts[argument] : "";
			argument++;
			at++;
		}
		return out;
	}
};

inline std::string in_english(std::string_view text)
{
	return Sentences::said(text, [](const std::string &, const std::string &english) { return english; });
}

} // namespace matting
