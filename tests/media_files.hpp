// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures and videos for tests of `matte`, made and read by the ffmpeg program.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace matting {

using Pixel = std::array<uint8_t, 4>; ///< R, G, B, A; straight alpha

struct TestPicture {
	int width = 0, height = 0;
	std::vector<Pixel> pixels{};

	TestPicture() = default;
	TestPicture(int width, int height, const std::function<Pixel(int x, int y)> &colour);
	Pixel at(int x, int y) const { return pixels.at(static_cast<size_t>(y) * width + x); }
};

/// Runs "ffmpeg -v error -y <arguments>"; false, with a failed expectation, if it fails.
bool ffmpeg(const std::string &arguments);

/// What ffprobe prints for "-show_entries <entries>", bare, a line each.
std::string probe(const std::string &path, const std::string &entries, const std::string &stream = "v:0");

/// `encoding`: output arguments of the ffmpeg program, such as "-c:v libx264".
void write_media(const std::string &path, const std::vector<TestPicture> &pictures, const std::string &encoding = "");

/// All frames, as "ffmpeg <input> -i <path> -pix_fmt rgba" gives them.
std::vector<TestPicture> read_media(const std::string &path, const std::string &input = "");

/// The bytes of a PNG, and in it what EXIF consists of: a TIFF without a picture.
std::string png_with_exif(const std::string &png, const std::string &tiff);

/// The greatest difference of any channel; 255 if the sizes differ.
int greatest_difference(const TestPicture &a, const TestPicture &b);

/// Each channel within `tolerance`.
testing::Matcher<const Pixel &> is_pixel(const Pixel &expected, int tolerance = 0);

} // namespace matting
