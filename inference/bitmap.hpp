// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "matting.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace matting {

/// An owned picture: RGBA8, straight alpha, sRGB-encoded, rows of 4 * width bytes.
struct Bitmap {
	int width = 0;
	int height = 0;
	std::vector<uint8_t> pixels;

	Bitmap() = default;
	Bitmap(int width, int height) { resize(width, height); }
	/// A copy of a picture on the CPU.
	explicit Bitmap(const Picture &original) { copy(original); }
	/// Becomes one, in the memory that it has if that is enough.
	void copy(const Picture &original)
	{
		resize(original.width, original.height);
		const size_t row = size_t{4} * width;
		for (int y = 0; y < height; y++)
			std::copy_n(original.pixels + y * original.pitch, row, pixels.data() + y * row);
	}
	void resize(int new_width, int new_height)
	{
		width = new_width;
		height = new_height;
		pixels.resize(size_t{4} * width * height);
	}
	bool is_opaque() const
	{
		for (size_t i = 3; i < pixels.size(); i += 4)
			if (pixels[i] != 255)
				return false;
		return true;
	}
	Picture picture() { return {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu}; }
};

} // namespace matting
