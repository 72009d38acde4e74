// SPDX-License-Identifier: GPL-2.0-or-later
#include "media.hpp"

#include "inference/program_part.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace matting {
namespace {

const MediaBackend &backend()
{
	static const auto *backend = static_cast<const MediaBackend *>(
		load_part({.name = "the part of the program that reads and writes pictures and videos",
			   .file = MATTING_FFMPEG_LIBRARY,
			   .entry = "background_matting_media",
			   .interface = media_interface,
			   .way_out = "install FFmpeg's libraries of the release that it was built for"}));
	return *backend;
}

} // namespace

std::unique_ptr<MediaReader> open_media(const std::filesystem::path &path, const ReadSettings &settings)
{
	return backend().open(path, settings);
}

std::unique_ptr<MediaWriter> create_media(const std::filesystem::path &path, const WriteSettings &settings)
{
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
	return backend().scale_to_cover(picture, width, height, pixel_aspect);
}

std::optional<std::array<uint8_t, 4>> parse_colour(const std::string &text)
{
	return backend().colour(text);
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
