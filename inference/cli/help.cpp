// SPDX-License-Identifier: GPL-2.0-or-later
#include "help.hpp"

#include "inference/platform.hpp"

#include <sstream>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

std::string wrapped(const std::string &text)
{
	constexpr size_t width = 80;
	std::istringstream words(text);
	std::string result, line;
	for (std::string word; words >> word;) {
		if (!line.empty() && line.size() + 1 + word.size() > width) {
			result += line + "\n";
			line.clear();
		}
		line += (line.empty() ? "" : " ") + word;
	}
	return result + line;
}

class HelpFormatter : public CLI::Formatter {
public:
	// What CLI11 calls the type: a name of ours, or its own; behind it what is checked. Of {a,b} the words.
	std::string make_option_opts(const CLI::Option *option) const override
	{
		if (option->get_type_size() == 0)
			return "";
		const std::string type = option->get_type_name();
		const size_t words = type.ends_with('}') ? type.find('{') : type.npos;
		std::string name = words != type.npos ? type.substr(words) : type.substr(0, type.find(':'));
		if (name.empty() && type.size() > 1)
			name = type.substr(1);
		std::string text = name.empty() ? "" : " ";
		for (const char letter : name)
			if (letter != '{' && letter != '}')
				text += letter == ',' && name.front() == '{' ? ", " : std::string(1, letter);
		if (option->get_required())
			text += " (required)";
		const std::string initial = option->get_default_str();
		return initial.empty() ? text : text + " (default: " + initial + ")";
	}
	std::string make_option_desc(const CLI::Option *option) const override
	{
		return wrapped(option->get_description());
	}
	// One line: its own help has the rest.
	std::string make_subcommand(const CLI::App *command) const override
	{
		const std::string text = command->get_description();
		const std::string sentence = text.substr(0, text.find(".\n") + 1);
		return fmt::format("  {:<{}}{}\n", command->get_name(), get_column_width() - 2,
				   sentence.empty() ? text : sentence);
	}
};

} // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter()
{
	return std::make_shared<HelpFormatter>();
}

std::string one_line(std::string text)
{
	constexpr size_t most = 2000;
	if (text.size() > most)
		text = text.substr(0, most) + " ...";
	for (char &letter : text)
		if (static_cast<unsigned char>(letter) < ' ' || letter == 0x7f)
			letter = ' ';
	return text;
}

void tell(const std::string &line)
{
	fmt::print(stderr, "background-matting: {}\n", one_line(line));
}

void tell_on_terminal(const std::string &line)
{
	if (is_terminal(stderr))
		tell(line);
}

} // namespace matting
