// SPDX-License-Identifier: GPL-2.0-or-later
// The decoder's convolutions in fp16, 3x3, of a map that is upsampled on the way and of a skip connection beside it.
//
//     block: 4 warps, below one another; a warp has 2 rows of 16 pixels and `column_pairs` x 16 channels
//
//     +------------------+     what the block's taps see, 18 pixels wide, 64 channels at a time, lies in shared memory:
//     |  +------------+  |     each pixel is upsampled once, and read for nine taps
//     |  |  warp 0    |  |
//     |  |  warp 1    |  |     weights come as fragments, in the order in which the lanes want them (tensor_core.cuh)
//     |  |  ...       |  |
//     |  +------------+  |
//     +------------------+
#include "convolution.cuh"

#include "inference/cuda/tensor_core.cuh"

namespace matting::cuda {
inline namespace convolution_upsampled_kernels {

constexpr int warps = 4, threads = 32 * warps, row_tiles = 2;
constexpr int tile_width = 16, window_width = tile_width + 2;
constexpr int chunk_octets = 8, chunk_pairs = chunk_octets / 2; // of octets: what a tensor core multiplies at once
constexpr int pitch = 8 * chunk_octets + 8; // the eight rows that load_matrices reads at once lie in different banks

struct UpsampledArguments {
	ConvolutionArguments<half> convolution; ///< of the whole
	MapView<half> low;                      ///< what is upsampled to be its first channels
	const uint4 *fragments;
	int column_pairs; ///< of all blocks
};

struct alignas(16) SeenTile {
	static constexpr int rows = warps * row_tiles, window_rows = rows + 2, pixels = window_rows * window_width;
	half numbers[pixels * pitch];
};
template<int column_pairs> using PairBounds = Bounds<16 * column_pairs>;

/// Channels from 8 * `octet` on of pixel (y, x): zeros outside.
__device__ void store_seen(const UpsampledArguments &arguments, int y, int x, int octet, half *to)
{
	const MapView<half> &both = arguments.convolution.in;
	const bool is_inside = y >= 0 && y < both.height && x >= 0 && x < both.width;
	if (is_inside && 8 * octet < arguments.low.channels) {
		float values[8];
		mix_octet(arguments.low, tap_at(y, arguments.low.height, both.height),
			  tap_at(x, arguments.low.width, both.width), 8 * octet, values);
		store_octet(to, values);
		return;
	}
	Octet<half> numbers{};
	if (is_inside && octet < arguments.convolution.layer.octets)
		numbers = *reinterpret_cast<const Octet<half> *>(pixel_at(both, y, x) + 8 * octet);
	*reinterpret_cast<Octet<half> *>(to) = numbers;
}

__device__ void fill(SeenTile &window, const UpsampledArguments &arguments, int first_octet)
{
	const int octet = static_cast<int>(threadIdx.x) % chunk_octets;
	const int top = static_cast<int>(blockIdx.y) * SeenTile::rows - 1;
	const int left = static_cast<int>(blockIdx.x) * tile_width - 1;
	if (first_octet + octet / 2 * 2 >= arguments.convolution.layer.octets)
		return; // nobody looks at that
#pragma unroll 2
	for (int pixel = static_cast<int>(threadIdx.x) / chunk_octets; pixel < SeenTile::pixels;
	     pixel += threads / chunk_octets)
		store_seen(arguments, top + pixel / window_width, left + pixel % window_width, first_octet + octet,
			   window.numbers + pixel * pitch + 8 * octet);
}

/// `fragments`: of the lane, for two octets of channels.
template<int column_pairs>
__device__ void multiply_taps(const half *window, const uint4 *fragments, int all_column_pairs,
			      float (&sums)[row_tiles][2 * column_pairs][4])
{
#pragma unroll 3
	for (int tap = 0; tap < 9; tap++) {
		uint32_t a[row_tiles][4];
#pragma unroll
		for (int row = 0; row < row_tiles; row++)
			load_matrices(a[row], window + ((row + tap / 3) * window_width + tap % 3) * pitch);
#pragma unroll
		for (int pair = 0; pair < column_pairs; pair++) {
			const uint4 b = __ldg(fragments + (tap * all_column_pairs + pair) * 32);
#pragma unroll
			for (int row = 0; row < row_tiles; row++) {
				multiply(sums[row][2 * pair], a[row], b.x, b.y);
				multiply(sums[row][2 * pair + 1], a[row], b.z, b.w);
			}
		}
	}
}

template<int column_pairs>
__device__ void finish_rows(const ConvolutionArguments<half> &arguments, const PairBounds<column_pairs> &bounds,
			    const float (&sums)[row_tiles][2 * column_pairs][4])
{
	const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
	const int first_row = (static_cast<int>(blockIdx.y) * warps + warp) * row_tiles;
	const int first_column = static_cast<int>(blockIdx.x) * tile_width + lane / 4;
	const int first_channel = static_cast<int>(blockIdx.z) * column_pairs * 16;
#pragma unroll
	for (int tile = 0; tile < 2 * column_pairs; tile++) {
		const int channel = tile * 8 + lane % 4 * 2;
		const PairEnd<half> end(arguments, bounds, first_channel + channel, channel);
#pragma unroll
		for (int row = 0; row < row_tiles; row++)
#pragma unroll
			for (int lower = 0; lower < 2; lower++) {
				const int y = first_row + row, x = first_column + lower * 8;
				if (y < arguments.out.height && x < arguments.out.width)
					end.finish(y * arguments.out.width + x, sums[row][tile][2 * lower],
						   sums[row][tile][2 * lower + 1]);
			}
	}
}

template<int column_pairs>
__global__ void __launch_bounds__(threads, 8 - column_pairs) convolve_upsampled_kernel(UpsampledArguments arguments)
{
	__shared__ SeenTile window;
	__shared__ PairBounds<column_pairs> bounds;
	const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
	const half *seen = window.numbers + (warp * row_tiles * window_width + lane % 16) * pitch + lane / 16 * 8;
	const uint4 *fragments = arguments.fragments + static_cast<int>(blockIdx.z) * column_pairs * 32 + lane;
	const int octets = arguments.convolution.layer.octets;
	float sums[row_tiles][2 * column_pairs][4] = {};
	bounds.load(arguments.convolution.layer, static_cast<int>(blockIdx.z) * column_pairs * 16);
	wait_for_earlier_kernels();
	for (int octet = 0; octet < octets; octet += chunk_octets) {
		__syncthreads(); // nobody reads the chunk before any more
		fill(window, arguments, octet);
		__syncthreads();
		for (int pair = 0; pair < chunk_pairs && octet + 2 * pair < octets; pair++) {
			multiply_taps<column_pairs>(seen + 16 * pair, fragments, arguments.column_pairs, sums);
			fragments += 9 * arguments.column_pairs * 32;
		}
	}
	start_later_kernels();
	finish_rows<column_pairs>(arguments.convolution, bounds, sums);
}

template<int column_pairs> bool start(const UpsampledArguments &arguments, cudaStream_t stream)
{
	const MapView<half> &out = arguments.convolution.out;
	const int columns = divide_up(out.width, tile_width), rows = divide_up(out.height, SeenTile::rows);
	const int parts = divide_up(divide_up(out.channels, 16), column_pairs);
	if (2 * columns * rows * parts < 3 * arguments.convolution.workspace.multiprocessors)
		return false;
	launch(Start::when_empty, convolve_upsampled_kernel<column_pairs>,
	       dim3(static_cast<unsigned>(columns), static_cast<unsigned>(rows), static_cast<unsigned>(parts)), threads,
	       stream, arguments);
	return true;
}

} // namespace convolution_upsampled_kernels

bool convolve_upsampled(const ConvolutionWeights<half> &weights, const half *fragments, const MapView<half> &low,
			const MapView<half> &both, const MapView<half> &out, const Workspace &workspace,
			cudaStream_t stream)
{
	const int pairs = divide_up(weights.channels, 16);
	const UpsampledArguments arguments{{weights, both, out, {}, 1, workspace},
					   low,
					   reinterpret_cast<const uint4 *>(fragments),
					   divide_up(pairs, fragment_pairs) * fragment_pairs};
	return pairs == 3 ? start<3>(arguments, stream) : start<4>(arguments, stream);
}

} // namespace matting::cuda
