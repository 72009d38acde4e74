// SPDX-License-Identifier: GPL-2.0-or-later
// Paths are UTF-8 for OBS and for the engine; Windows would take a std::string for text in its code page.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace matting {

inline std::filesystem::path path_of(std::string_view utf8)
{
	return std::u8string(utf8.begin(), utf8.end());
}

inline std::string utf8_of(const std::filesystem::path &path)
{
	const std::u8string utf8 = path.u8string();
	return {utf8.begin(), utf8.end()};
}

} // namespace matting
