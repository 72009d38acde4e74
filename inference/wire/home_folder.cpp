// SPDX-License-Identifier: GPL-2.0-or-later
#include "home_folder.hpp"

#include <cctype>

namespace matting {
namespace {

// Of a file or folder, as far as one byte tells.
bool is_of_a_name(char byte)
{
	const auto code = static_cast<unsigned char>(byte);
	return std::isalnum(code) || code >= 0x80 || byte == '_' || byte == '-';
}

} // namespace

std::filesystem::path user_models_folder()
{
	const auto folder = user_data_folder();
	return folder.empty() ? folder : folder / "background-matting" / "models";
}

std::string without_home(std::string words)
{
	const std::filesystem::path home = home_folder();
	std::error_code ignored;
	// Where links lead comes first: the name may be a part of that.
	const std::filesystem::path real = std::filesystem::canonical(home, ignored);
	for (const std::u8string &text :
	     {real.u8string(), real.generic_u8string(), home.u8string(), home.generic_u8string()}) {
		std::string name(text.begin(), text.end());
		if (name.ends_with('/'))
			name.pop_back();
		for (size_t at = 0; name.size() > 1 && (at = words.find(name, at)) != std::string::npos; at++) {
			const size_t end = at + name.size();
			if (end == words.size() || !is_of_a_name(words[end]))
				words.replace(at, name.size(), 1, '~');
		}
	}
	return words;
}

} // namespace matting
