// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "matting.hpp"

#include <cstdint>
#include <vector>

namespace matting {

/// An owned picture: RGBA8, straight alpha, sRGB-encoded, rows of 4 * width bytes.
struct Bitmap {
	int width = 0;
	int height = 0;
	std::vector<uint8_t> pixels;

	Bitmap() = default;
	Bitmap(int width, int height) : width(width), height(height), pixels(size_t{4} * width * height) {}
	Picture picture() { return {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu}; }
};

} // namespace matting
