// SPDX-License-Identifier: GPL-2.0-or-later
// A wall with a texture, somebody before it, and a camera that looks at both.
#pragma once

#include "inference/alignment.hpp"
#include "inference/bitmap.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace matting {

inline constexpr int width = 640, height = 360;

/// A wall of smooth blots of all sizes, as far as one looks. Coordinates in pixels; levels of one channel.
inline double wall(double x, double y, int channel)
{
	double value = 120;
	for (int i = 0; i < 14; i++) {
		const double angle = 2.4 * i + channel, pitch = 14 * std::pow(1.35, i);
		value += 14 * std::sin((std::cos(angle) * x + std::sin(angle) * y) * 2 * M_PI / pitch + i * i);
	}
	return std::clamp(value, 0.0, 255.0);
}

/// The wall through a camera that `movement` has moved (of the plate's points to the frame's), in another light.
inline Bitmap draw(const Homography &movement = {}, const std::array<double, 3> &light = {1, 1, 1}, double noise = 0,
		   int width = width, int height = height)
{
	Bitmap bitmap(width, height);
	const Homography back = movement.inverse();
	std::mt19937 random(5);
	std::normal_distribution<double> grain(0, 1);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			const auto [from_x, from_y] = back(point_of(x, y, width, height));
			uint8_t *pixel = &bitmap.pixels[size_t{4} * (size_t{1} * y * width + x)];
			for (int c = 0; c < 3; c++)
				pixel[c] = static_cast<uint8_t>(
					std::clamp(light[c] * wall(from_x * width / 2, from_y * width / 2, c) +
							   noise * grain(random),
						   0.0, 255.0));
			pixel[3] = 255;
		}
	return bitmap;
}

/// Somebody in one colour, from `left` to `right`, below `top`.
inline void put_somebody(Bitmap &bitmap, int left, int right, int top)
{
	for (int y = top; y < height; y++)
		for (int x = left; x < right; x++)
			std::copy_n(std::array<uint8_t, 4>{220, 180, 150, 255}.data(), 4,
				    &bitmap.pixels[size_t{4} * (size_t{1} * y * width + x)]);
}

} // namespace matting
