// SPDX-License-Identifier: GPL-2.0-or-later
// By wide names: OBS, unlike the program, need not have UTF-8 for narrow ones.
#include "home_folder.hpp"

#include <cstdlib>

namespace matting {

std::filesystem::path home_folder()
{
	const wchar_t *home = _wgetenv(L"USERPROFILE");
	return home ? home : L"";
}

std::filesystem::path user_data_folder()
{
	const wchar_t *data = _wgetenv(L"LOCALAPPDATA");
	return data ? data : L"";
}

} // namespace matting
