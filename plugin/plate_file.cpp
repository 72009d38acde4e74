// SPDX-License-Identifier: GPL-2.0-or-later
#include "plate_file.hpp"

#include "background_series.hpp"
#include "text.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/chrono.h>
#include <sys/stat.h>
#include <util/platform.h>

namespace matting {
// In bytes 16 to 23.
std::optional<PlateSize> plate_size(const std::string &path)
{
	std::array<unsigned char, 24> bytes{};
	std::ifstream stream(path, std::ios::binary);
	stream.read(reinterpret_cast<char *>(bytes.data()), bytes.size());
	if (!stream || bytes[1] != 'P' || bytes[2] != 'N' || bytes[3] != 'G')
		return std::nullopt;
	const auto number = [&](size_t at) {
		return static_cast<uint32_t>(bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 |
					     bytes[at + 3]);
	};
	return PlateSize{number(16), number(20)};
}

std::string describe_plate(const std::string &path, const Status &status)
{
	if (path.empty())
		return text("background_info.none");
	struct stat file {};
	if (os_stat(path.c_str(), &file) != 0)
		return text("background_info.missing");
	const std::string what =
		BackgroundSeries::fingerprint_of(path)
			? text("background_info.captured",
			       fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(file.st_mtime)))
			: text("background_info.file", std::filesystem::path(path).filename().string());
	const bool is_known = status.state == State::matting && status.mattes > 0;
	const bool fits_badly = status.fits_badly || status.shows_room;
	const auto size = plate_size(path);
	const std::string sized = size ? fmt::format("{}, {}x{}", what, size->width, size->height) : what;
	return is_known ? text(fits_badly ? "background_info.badly" : "background_info.well", sized) : sized;
}

} // namespace matting
