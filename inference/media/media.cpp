// SPDX-License-Identifier: GPL-2.0-or-later
#include "media.hpp"

#include "single_pictures.hpp"

#include "inference/program_part.hpp"

#include <algorithm>
#include <cctype>
#include <exception>
#include <limits>
#include <numeric>
#include <utility>

namespace matting {
namespace {

/// The part that links FFmpeg, or why it is not there.
struct Part {
	const MediaBackend *backend = nullptr;
	std::exception_ptr problem;
};

Part load()
try {
	return {.backend = static_cast<const MediaBackend *>(load_part(
			{.name = "the part of the program that reads and writes videos",
			 .file = MATTING_FFMPEG_LIBRARY,
			 .entry = "background_matting_media",
			 .interface = media_interface,
			 .way_out = "make do with single pictures: PNG, JPEG and WebP are read, and PNG is written"}))};
} catch (const Error &) {
	return {.problem = std::current_exception()};
}

const Part &part()
{
	static const Part part = load();
	return part;
}

const MediaBackend &backend()
{
	if (part().problem)
		std::rethrow_exception(part().problem);
	return *part().backend;
}

// RRGGBB or RRGGBBAA, or as web pages have it, #2A4 for #22AA44.
std::optional<std::array<uint8_t, 4>> hexadecimal_colour(std::string digits)
{
	const bool is_short = digits.size() == 4 && digits.front() == '#';
	if (digits.starts_with("#"))
		digits.erase(0, 1);
	if (is_short)
		digits = {digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]};
	const bool is_hexadecimal = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
	if (!is_hexadecimal || (digits.size() != 6 && digits.size() != 8))
		return std::nullopt;
	std::array<uint8_t, 4> rgba{0, 0, 0, 255};
	for (size_t i = 0; i < digits.size() / 2; i++)
		rgba[i] = static_cast<uint8_t>(std::stoi(digits.substr(2 * i, 2), nullptr, 16));
	return rgba;
}

bool is_word(const std::string &text) // or 0x20A040
{
	return std::all_of(text.begin(), text.end(), [](unsigned char letter) { return std::isalnum(letter); });
}

} // namespace

std::unique_ptr<MediaReader> open_media(const std::filesystem::path &path, const ReadSettings &settings)
{
	if (part().problem)
		if (auto picture = open_single_picture(path))
			return picture;
	return backend().open(path, settings);
}

std::unique_ptr<MediaWriter> create_media(const std::filesystem::path &path, const WriteSettings &settings)
{
	if (part().problem)
		if (auto picture = create_single_picture(path, settings))
			return picture;
	return backend().create(path, settings);
}

std::string media_version()
{
	return backend().version();
}

Fraction ratio(const Fraction &a, const Fraction &b)
{
	int64_t above = int64_t{a.numerator} * b.denominator, below = int64_t{a.denominator} * b.numerator;
	const int64_t common = std::gcd(above, below);
	for (above /= common, below /= common; std::max(above, below) > std::numeric_limits<int>::max();) {
		above = std::max<int64_t>(above / 2, 1);
		below = std::max<int64_t>(below / 2, 1);
	}
	return {static_cast<int>(above), static_cast<int>(below)};
}

Bitmap scale_to_cover(const Picture &picture, int width, int height, Fraction pixel_aspect)
{
	if (picture.width == width && picture.height == height && pixel_aspect.numerator == pixel_aspect.denominator)
		return Bitmap(picture);
	return backend().scale_to_cover(picture, width, height, pixel_aspect);
}

std::optional<std::array<uint8_t, 4>> parse_colour(const std::string &text)
{
	if (const auto colour = hexadecimal_colour(text))
		return colour;
	return is_word(text) ? backend().colour_named(text) : std::nullopt;
}

Bitmap read_picture(const std::filesystem::path &path)
{
	return std::move(open_media(path)->read().value().bitmap);
}

void write_picture(const std::filesystem::path &path, const Picture &picture)
{
	const auto writer = create_media(path, {});
	writer->write(picture, 0, 0);
	writer->finish();
}

} // namespace matting
