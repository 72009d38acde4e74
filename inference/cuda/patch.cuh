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
	const Colour a = load_colour(pixel_at(picture, 2 * y, 2 * x)),
		     b = load_colour(pixel_at(picture, 2 * y, 2 * x + 1)),
		     c = load_colour(pixel_at(picture, 2 * y + 1, 2 * x)),
		     d = load_colour(pixel_at(picture, 2 * y + 1, 2 * x + 1));
	return {(a.red + b.red + c.red + d.red) / 4, (a.green + b.green + c.green + d.green) / 4,
		(a.blue + b.blue + c.blue + d.blue) / 4};
}

/// Eight channels of a pixel of the patch at half the resolution.
template<typename Number>
__device__ inline void patch_input(const MapView<Number> &coarse, const Pictures &pictures, const Cell &at, int pixel,
				   int octet, float (&values)[8])
{
	const int half_height = pictures.source.height / 2, half_width = pictures.source.width / 2;
	const int y = at.y * (cell / 2) - 3 + pixel / patch_side, x = at.x * (cell / 2) - 3 + pixel % patch_side;
	if (y < 0 || y >= half_height || x < 0 || x >= half_width) {
#pragma unroll
		for (int i = 0; i < 8; i++)
			values[i] = 0;
	} else if (octet < coarse_octets) {
		mix_octet(coarse, tap_at(y, coarse.height, half_height), tap_at(x, coarse.width, half_width), 8 * octet,
			  values);
	} else {
		set_colours(halved(pictures.source, y, x), halved(pictures.background, y, x), values);
	}
}

/// Both colours of a pixel of the patch at the full resolution; the stored pictures' margins hold the zeros.
__device__ inline void patch_colours(const Pictures &pictures, const Cell &at, int pixel, float (&values)[8])
{
	const int y = at.y * cell - 2 + pixel / patch_side, x = at.x * cell - 2 + pixel % patch_side;
	set_colours(load_colour(pixel_at(pictures.source, y, x)), load_colour(pixel_at(pictures.background, y, x)),
		    values);
}

} // namespace matting::cuda
