// SPDX-License-Identifier: GPL-2.0-or-later
#include "plate_file.hpp"

#include "background_series.hpp"
#include "file_watch.hpp"
#include "text.hpp"

#include "plugin/engine/utf8_path.hpp"

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <sstream>

#include <fmt/chrono.h>

namespace matting {

// In bytes 16 to 23.
std::optional<PlateSize> plate_size(const std::string &path)
{
	if (what_is_at(path) != AtPath::file)
		return std::nullopt;
	std::array<unsigned char, 24> bytes{};
	std::ifstream stream(path_of(path), std::ios::binary);
	stream.read(reinterpret_cast<char *>(bytes.data()), bytes.size());
	if (!stream || bytes[1] != 'P' || bytes[2] != 'N' || bytes[3] != 'G')
		return std::nullopt;
	const auto number = [&](size_t at) {
		return static_cast<uint32_t>(bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 |
					     bytes[at + 3]);
	};
	return PlateSize{number(16), number(20)};
}

// Nothing: it is gone.
static std::optional<std::string> describe_capture(const std::string &path)
{
	if (what_is_at(path) != AtPath::file)
		return std::nullopt;
	// From its name, as `BackgroundSeries::new_path` makes it: a copy of the file is younger.
	std::tm when{};
	std::istringstream name(utf8_of(path_of(path).filename()));
	const bool says_when = static_cast<bool>(name >> std::get_time(&when, "%Y-%m-%d_%H-%M"));
	const std::string what = says_when ? text("background_info.captured", fmt::format("{:%Y-%m-%d %H:%M}", when))
					   : text("background_info.file", name.str());
	const auto size = plate_size(path);
	return size ? fmt::format("{}, {}x{}", what, size->width, size->height) : what;
}

std::string describe_plate(const std::string &path, bool is_missing, const Status &status)
{
	if (path.empty())
		return text("background_info.none");
	const auto what = BackgroundSeries::fingerprint_of(path)
				  ? describe_capture(path)
				  : text("background_info.file", utf8_of(path_of(path).filename()));
	if (!what || is_missing)
		return text("background_info.missing");
	const bool is_known = status.state == State::matting && status.mattes > 0;
	if (!is_known || status.flaw != PlateFlaw::none || status.shows_gone)
		return *what;
	return text(status.fits_badly || status.shows_room ? "background_info.badly" : "background_info.well", *what);
}

} // namespace matting
