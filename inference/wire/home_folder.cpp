// SPDX-License-Identifier: GPL-2.0-or-later
#include "home_folder.hpp"

#include <cstdlib>
#include <filesystem>

namespace matting {

std::string without_home(std::string words)
{
	for (const char *variable : {"HOME", "USERPROFILE"}) { // as Windows calls it
		const char *value = std::getenv(variable);
		const std::filesystem::path home = value ? value : "";
		std::error_code ignored;
		// Where links lead comes first: the name may be a part of that.
		for (const auto &folder : {std::filesystem::canonical(home, ignored), home}) {
			std::string name = folder.string();
			if (name.ends_with('/'))
				name.pop_back();
			for (size_t at = 0; name.size() > 1 && (at = words.find(name, at)) != std::string::npos; at++)
				words.replace(at, name.size(), 1, '~');
		}
	}
	return words;
}

} // namespace matting
