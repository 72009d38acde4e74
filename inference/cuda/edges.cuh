// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernels of edges ask of cells and pixels.
#pragma once

#include "launch.cuh"

namespace matting::cuda {
inline namespace edges_kernels {

#define MATTING_EDGE_FUNCTION __device__ inline
#include "inference/edge_math.inl"

using namespace edge_flags;

__device__ inline uint8_t *flags_at(const Plane &plane, int y, int x)
{
	return plane.data + static_cast<int64_t>(y) * plane.width + x;
}

/// Calls visit(y, x) for the pixels of a cell; what lies outside is as the last row and column.
template<typename Visit> __device__ void for_pixels(const PixelView &picture, int y, int x, const Visit &visit)
{
	for (int i = 0; i < cell * cell; i++)
		visit(min(cell * y + i / cell, picture.height - 1), min(cell * x + i % cell, picture.width - 1));
}

__device__ inline uchar4 load(const PixelView &picture, int y, int x)
{
	return *reinterpret_cast<const uchar4 *>(pixel_at(picture, y, x));
}

__device__ inline EdgePixel<float> edge_pixel(const Colour &source, const Colour &plate, const uchar4 &matte,
					      const EdgeMaps &maps, int y, int x)
{
	const Colour own = colour_of(matte);
	EdgePixel<float> pixel{{source.red, source.green, source.blue},
			       {plate.red, plate.green, plate.blue},
			       {own.red, own.green, own.blue},
			       matte.w * (1.0f / 255),
			       {}};
	const EdgeTap row = edge_tap(y, cell, maps.levels[0].height), column = edge_tap(x, cell, maps.levels[0].width);
	const EdgeLook *upper = maps.looks + row.first * maps.levels[0].width,
		       *lower = maps.looks + row.second * maps.levels[0].width;
	for (int i = 0; i < EdgeLook::count; i++) {
		const float left =
			upper[column.first].values[i] * (1 - row.share) + lower[column.first].values[i] * row.share;
		const float right =
			upper[column.second].values[i] * (1 - row.share) + lower[column.second].values[i] * row.share;
		pixel.look[i] = left * (1 - column.share) + right * column.share;
	}
	return pixel;
}

} // namespace edges_kernels
} // namespace matting::cuda
