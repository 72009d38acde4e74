// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures, picture sequences and videos in and out, through FFmpeg's libraries.
#pragma once

#include "inference/matting.hpp"

#include <filesystem>
#include <vector>

namespace matting {

/// An owned picture: RGBA8, straight alpha, rows of 4 * width bytes.
struct Bitmap {
	int width = 0;
	int height = 0;
	std::vector<uint8_t> pixels;

	Bitmap() = default;
	Bitmap(int width, int height) : width(width), height(height), pixels(size_t{4} * width * height) {}
	Picture picture() { return {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu}; }
};

/// The first picture in a file (PNG, JPEG, WebP, or anything FFmpeg decodes), upright (EXIF). Throws Error.
Bitmap read_picture(const std::filesystem::path &path);

/// Writes a picture in the format its extension names, whole or not at all. Throws Error.
void write_picture(const std::filesystem::path &path, const Picture &picture);

} // namespace matting
