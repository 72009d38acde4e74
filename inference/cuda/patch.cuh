// SPDX-License-Identifier: GPL-2.0-or-later
// What the refiner sees of a selected cell (paper, section 4.2): at half the resolution 8x8 pixels of the coarse
// result and both pictures, 3 beyond the cell on each side; at the full resolution 8x8 pixels of both pictures, 2
// beyond. Zeros outside the frame.
#pragma once

#include "launch.cuh"

namespace matting::cuda {

constexpr int patch_side = 8, patch_pixels = patch_side * patch_side;
/// Channels of a patch's pixel: 37 of the coarse result and 3 zeros; the source's colour, the background's and 2 zeros.
constexpr int coarse_octets = 5, input_octets = 6;

struct Cell {
	int y, x;
};

struct Pictures {
	PixelView source, background;
};

__device__ inline void set_colours(const Colour &source, const Colour &background, float (&values)[8])
{
	values[0] = source.red, values[1] = source.green, values[2] = source.blue;
	values[3] = background.red, values[4] = background.green, values[5] = background.blue;
	values[6] = values[7] = 0;
}

/// The mean of 2x2 pixels: what bilinear resampling to half the size gives.
__device__ inline Colour halved(const PixelView &picture, int y, int x)
{
	const auto load = [&](int row, int column) {
		return *reinterpret_cast<const uchar4 *>(pixel_at(picture, 2 * y + row, 2 * x + column));
	};
	const uchar4 a = load(0, 0), b = load(0, 1), c = load(1, 0), d = load(1, 1);
	const auto mean = [](int sum) {
		return static_cast<float>(sum) * (1.0f / 1020);
	};
	return {mean(a.x + b.x + c.x + d.x), mean(a.y + b.y + c.y + d.y), mean(a.z + b.z + c.z + d.z)};
}

/// Where a pixel of the patch lies at half the resolution.
struct HalfPixel {
	int y, x;
	bool is_inside;
};

__device__ inline HalfPixel half_pixel(const Pictures &pictures, const Cell &at, int pixel)
{
	const int y = at.y * (cell / 2) - 3 + pixel / patch_side, x = at.x * (cell / 2) - 3 + pixel % patch_side;
	return {y, x, y >= 0 && y < pictures.source.height / 2 && x >= 0 && x < pictures.source.width / 2};
}

__device__ inline void set_zero(float (&values)[8])
{
#pragma unroll
	for (int i = 0; i < 8; i++)
		values[i] = 0;
}

/// Eight channels of the coarse result at a pixel of the patch, half the resolution.
template<typename Number>
__device__ inline void patch_coarse(const MapView<Number> &coarse, const Pictures &pictures, const Cell &at, int pixel,
				    int octet, float (&values)[8])
{
	const HalfPixel place = half_pixel(pictures, at, pixel);
	if (place.is_inside)
		mix_octet(coarse, tap_at(place.y, coarse.height, pictures.source.height / 2),
			  tap_at(place.x, coarse.width, pictures.source.width / 2), 8 * octet, values);
	else
		set_zero(values);
}

/// Both colours there.
__device__ inline void patch_half_colours(const Pictures &pictures, const Cell &at, int pixel, float (&values)[8])
{
	const HalfPixel place = half_pixel(pictures, at, pixel);
	if (place.is_inside)
		set_colours(halved(pictures.source, place.y, place.x), halved(pictures.background, place.y, place.x),
			    values);
	else
		set_zero(values);
}

/// Both colours of a pixel of the patch at the full resolution; the stored pictures' margins hold the zeros.
__device__ inline void patch_colours(const Pictures &pictures, const Cell &at, int pixel, float (&values)[8])
{
	const int y = at.y * cell - 2 + pixel / patch_side, x = at.x * cell - 2 + pixel % patch_side;
	set_colours(load_colour(pixel_at(pictures.source, y, x)), load_colour(pixel_at(pictures.background, y, x)),
		    values);
}

} // namespace matting::cuda
