// SPDX-License-Identifier: GPL-2.0-or-later
#include "home_folder.hpp"

#include <cstdlib>

namespace matting {

std::filesystem::path home_folder()
{
	const char *home = std::getenv("HOME");
	return home ? home : "";
}

std::filesystem::path user_data_folder()
{
	if (const char *data = std::getenv("XDG_DATA_HOME"); data && *data == '/')
		return data;
	const auto home = home_folder();
	return home.empty() ? home : home / ".local" / "share";
}

} // namespace matting
