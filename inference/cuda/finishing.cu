// SPDX-License-Identifier: GPL-2.0-or-later
// The edge of a matte, finished: one thread to a pixel.
#include "launch.cuh"

namespace matting::cuda {
inline namespace finishing_kernels {

/// The row itself beyond the upper and lower edge, the pixel itself beyond the left and right one.
struct Neighbourhood {
	Plane plane;
	int y, x;

	__device__ unsigned at(int down, int right) const
	{
		const int row = min(max(y + down, 0), plane.height - 1),
			  column = min(max(x + right, 0), plane.width - 1);
		return plane.data[static_cast<int64_t>(row) * plane.width + column];
	}
	/// The best of four neighbours and the pixel, or as a square of eight.
	template<typename Better> __device__ unsigned best(bool square, const Better &better) const
	{
		unsigned best = better(better(at(0, -1), at(0, 1)), better(at(0, 0), better(at(-1, 0), at(1, 0))));
		if (square)
			best = better(best, better(better(at(-1, -1), at(-1, 1)), better(at(1, -1), at(1, 1))));
		return best;
	}
};

__device__ Neighbourhood neighbourhood(const Plane &plane)
{
	return {plane, item_number() / plane.width, item_number() % plane.width};
}

__device__ uchar4 *pixel_of(const PixelView &picture, int y, int x)
{
	return reinterpret_cast<uchar4 *>(const_cast<uint8_t *>(pixel_at(picture, y, x)));
}

__global__ void look_up_alpha_kernel(PixelView picture, Levels levels, Plane alpha)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const auto [plane, y, x] = neighbourhood(alpha);
	if (y < plane.height)
		plane.data[item_number()] = levels.values[pixel_of(picture, y, x)->w];
}

// Colours are read only where there was alpha, and written only where there was none.
__global__ void grow_kernel(PixelView picture, Plane alpha, Plane grown, bool square)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const Neighbourhood from = neighbourhood(alpha);
	if (from.y >= alpha.height)
		return;
	const unsigned best = from.best(square, [](unsigned a, unsigned b) { return max(a, b); });
	grown.data[item_number()] = static_cast<uint8_t>(best);
	if (from.at(0, 0) != 0 || best == 0)
		return;
	for (int i = 0; i < 9; i++) {
		const int down = i / 3 - 1, right = i % 3 - 1;
		if (from.at(down, right) != best || (!square && i % 2 == 0))
			continue;
		uchar4 *pixel = pixel_of(picture, from.y, from.x);
		const uchar4 found = *pixel_of(picture, min(max(from.y + down, 0), alpha.height - 1),
					       min(max(from.x + right, 0), alpha.width - 1));
		*pixel = make_uchar4(found.x, found.y, found.z, pixel->w);
		return;
	}
}

__global__ void shrink_kernel(Plane alpha, Plane shrunk, bool square)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const Neighbourhood from = neighbourhood(alpha);
	if (from.y < alpha.height)
		shrunk.data[item_number()] =
			static_cast<uint8_t>(from.best(square, [](unsigned a, unsigned b) { return min(a, b); }));
}

__global__ void mix_kernel(Plane alpha, Plane before, uint32_t share)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int i = item_number();
	if (i < alpha.height * alpha.width)
		alpha.data[i] =
			static_cast<uint8_t>((share * alpha.data[i] + (256 - share) * before.data[i] + 128) >> 8);
}

__global__ void average_kernel(Plane in, Plane out, Average average, bool in_columns)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const Neighbourhood from = neighbourhood(in);
	if (from.y >= in.height)
		return;
	uint32_t sum = 128;
	for (int i = -average.reach; i <= average.reach; i++)
		sum += average.weights[i + average.reach] * (in_columns ? from.at(i, 0) : from.at(0, i));
	out.data[item_number()] = static_cast<uint8_t>(sum >> 8);
}

__global__ void limit_kernel(PixelView kept, Plane alpha)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const auto [plane, y, x] = neighbourhood(alpha);
	if (y < plane.height)
		plane.data[item_number()] = min(plane.data[item_number()], pixel_of(kept, y, x)->w);
}

__global__ void finish_kernel(PixelView picture, Plane plane, PixelView colours, bool as_grey)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const auto [same, y, x] = neighbourhood(plane);
	if (y >= plane.height)
		return;
	const unsigned char alpha = plane.data[item_number()];
	const uchar4 colour = *pixel_of(colours.data ? colours : picture, y, x);
	*pixel_of(picture, y, x) = as_grey     ? make_uchar4(alpha, alpha, alpha, 255)
				   : alpha > 0 ? make_uchar4(colour.x, colour.y, colour.z, alpha)
					       : make_uchar4(0, 0, 0, 0);
}

dim3 blocks_of(const Plane &plane)
{
	return blocks_for(int64_t{1} * plane.height * plane.width);
}

} // namespace finishing_kernels

void look_up_alpha(const PixelView &picture, const Levels &levels, const Plane &alpha, cudaStream_t stream)
{
	launch(look_up_alpha_kernel, blocks_of(alpha), threads_per_block, stream, picture, levels, alpha);
}

void grow(const PixelView &picture, const Plane &alpha, const Plane &grown, bool square, cudaStream_t stream)
{
	launch(grow_kernel, blocks_of(alpha), threads_per_block, stream, picture, alpha, grown, square);
}

void limit(const PixelView &kept, const Plane &alpha, cudaStream_t stream)
{
	launch(limit_kernel, blocks_of(alpha), threads_per_block, stream, kept, alpha);
}

void shrink(const Plane &alpha, const Plane &shrunk, bool square, cudaStream_t stream)
{
	launch(shrink_kernel, blocks_of(alpha), threads_per_block, stream, alpha, shrunk, square);
}

void mix(const Plane &alpha, const Plane &before, uint32_t share, cudaStream_t stream)
{
	launch(mix_kernel, blocks_of(alpha), threads_per_block, stream, alpha, before, share);
}

void average(const Plane &in, const Plane &out, const Average &average, bool in_columns, cudaStream_t stream)
{
	launch(average_kernel, blocks_of(in), threads_per_block, stream, in, out, average, in_columns);
}

void finish(const PixelView &picture, const Plane &alpha, const PixelView &colours, bool as_grey, cudaStream_t stream)
{
	launch(finish_kernel, blocks_of(alpha), threads_per_block, stream, picture, alpha, colours, as_grey);
}

} // namespace matting::cuda
