// SPDX-License-Identifier: GPL-2.0-or-later
// Large pictures whose edges are solved first at half the size: one thread to a pixel. As fast/edge_pyramid.cpp does it.
#include "launch.cuh"

namespace matting::cuda {
inline namespace edge_pyramid_kernels {

#define MATTING_EDGE_FUNCTION __device__ inline
#include "inference/edge_pyramid.inl"

__device__ uint8_t *writable(const PixelView &picture, int y, int x)
{
	return const_cast<uint8_t *>(pixel_at(picture, y, x));
}

/// Beyond an odd side the picture goes on. `before`: where alpha of the half goes, if it is a matte.
__global__ void halve_picture_kernel(PixelView picture, PixelView half, Plane before)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / half.width, x = item_number() % half.width;
	if (y >= half.height)
		return;
	const int lower = min(2 * y + 1, picture.height - 1), right = min(2 * x + 1, picture.width - 1);
	const uint8_t *const from[4] = {pixel_at(picture, 2 * y, 2 * x), pixel_at(picture, 2 * y, right),
					pixel_at(picture, lower, 2 * x), pixel_at(picture, lower, right)};
	uint8_t *to = writable(half, y, x);
	if (!before.data)
		return edge_halve(from, to);
	edge_halve_matte(from, to);
	before.data[item_number()] = to[3];
}

__global__ void add_gains_kernel(PixelView half, Plane before, PixelView source, PixelView matte)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / matte.width, x = item_number() % matte.width;
	if (y >= matte.height || pixel_at(source, y, x)[3] != 255)
		return;
	const EdgeNearest nearest = edge_nearest(y, x, half.height, half.width);
	int gains[4];
	const uint8_t *solved[4];
	for (int i = 0; i < 4; i++) {
		solved[i] = pixel_at(half, nearest.rows[i], nearest.columns[i]);
		gains[i] = max(solved[i][3] - before.data[nearest.rows[i] * half.width + nearest.columns[i]], 0);
	}
	const int gain = edge_gain(gains);
	if (gain > 0)
		edge_add(gain, solved, writable(matte, y, x));
}

} // namespace edge_pyramid_kernels

void halve_picture(const PixelView &picture, const PixelView &half, const Plane &before, cudaStream_t stream)
{
	launch(halve_picture_kernel, blocks_for(int64_t{1} * half.height * half.width), threads_per_block, stream,
	       picture, half, before);
}

void add_gains(const PixelView &half, const Plane &before, const PixelView &source, const PixelView &matte,
	       cudaStream_t stream)
{
	launch(add_gains_kernel, blocks_for(int64_t{1} * matte.height * matte.width), threads_per_block, stream, half,
	       before, source, matte);
}

} // namespace matting::cuda
