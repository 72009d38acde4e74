// SPDX-License-Identifier: GPL-2.0-or-later
// The refiner in fp16: a warp takes a selected cell through all four convolutions, and nothing between them leaves the
// chip.
//
//     input    8x8 at 1/2, 48 channels --conv1--> first 6x6, 24 --conv2--> second 4x4, 16
//     second doubled (nearest), and colours, 8x8 at 1/1, 8 channels --conv3--> third 6x6, 16 --conv4--> 4x4 pixels
//
// Note [Rows of eight]
// The tensor cores multiply 16 rows at once. A row is a pixel, and pixels are numbered as if every picture were 8
// wide, so that the pixel that a tap sees is always the same number of rows further on. What lies beyond a narrower
// picture's right edge is computed and never looked at; what it reads is beyond the patch, but inside of the buffers.
#include "patch.cuh"

#include "inference/cuda/tensor_core.cuh"

namespace matting::cuda {
inline namespace refiner_half_kernels {

constexpr int warps = 2, threads = 32 * warps;
// Rows lie so far apart that the eight that load_matrices reads at once are in different banks.
constexpr int input_pitch = 56, first_pitch = 24, second_pitch = 24, colours_pitch = 8, third_pitch = 24;
constexpr int window_rows = 2 * patch_side + 2; // how far a 3x3 window reaches

struct alignas(16) Patch {
	union {
		half input[(48 + window_rows) * input_pitch];
		half third[(32 + window_rows) * third_pitch]; // when the input has been used
	};
	half first[(32 + window_rows) * first_pitch];
	union {
		half second[(patch_side / 2 + 1) * patch_side * second_pitch];
		float finished[32][4]; // when second has been used
	};
	half colours[(48 + window_rows) * colours_pitch];
};

__device__ int lane_number()
{
	return static_cast<int>(threadIdx.x) % 32;
}

/// input_of(row, octet): the eight halves that the depth's octet is for the row's pixel.
template<int row_tiles, int column_tiles, int octets, typename InputOf>
__device__ void multiply_patch(const InputOf &input_of, const half *weights, float (&sums)[row_tiles][column_tiles][4])
{
	const int lane = lane_number();
	const auto *fragments = reinterpret_cast<const uint2 *>(weights) + lane;
#pragma unroll
	for (int row = 0; row < row_tiles; row++)
#pragma unroll
		for (int column = 0; column < column_tiles; column++)
#pragma unroll
			for (int i = 0; i < 4; i++)
				sums[row][column][i] = 0;
#pragma unroll 4
	for (int step = 0; step < (octets + 1) / 2; step++) {
		// The last step may have only one octet; its weights are zero, but it reads as if there were two.
		const int octet = min(2 * step + lane / 16, octets - 1);
		uint32_t a[row_tiles][4];
#pragma unroll
		for (int row = 0; row < row_tiles; row++)
			load_matrices(a[row], input_of(row * 16 + lane % 16, octet));
#pragma unroll
		for (int column = 0; column < column_tiles; column++) {
			const uint2 b = __ldg(fragments + (step * column_tiles + column) * 32);
#pragma unroll
			for (int row = 0; row < row_tiles; row++)
				multiply(sums[row][column], a[row], b.x, b.y);
		}
	}
}

/// Calls take(row, column, first, second) for neighbouring columns of a layer's finished sums.
template<int row_tiles, int column_tiles, typename Take>
__device__ void finish_layer(const RefinerWeights<half> &refiner, int layer,
			     const float (&sums)[row_tiles][column_tiles][4], const Take &take)
{
	const int lane = lane_number();
#pragma unroll
	for (int tile = 0; tile < column_tiles; tile++) {
		const int column = tile * 8 + lane % 4 * 2;
		const auto finish = [&](float sum, int channel) {
			return clamp(sum + refiner.bias[layer][channel], refiner.low[layer][channel],
				     refiner.high[layer][channel]);
		};
#pragma unroll
		for (int row = 0; row < row_tiles; row++)
#pragma unroll
			for (int lower = 0; lower < 2; lower++)
				take(row * 16 + lower * 8 + lane / 4, column,
				     finish(sums[row][tile][2 * lower], column),
				     finish(sums[row][tile][2 * lower + 1], column + 1));
	}
}

/// The 3x3 tap that an octet belongs to, in rows of eight.
__device__ int tap_rows(int tap)
{
	return tap / 3 * patch_side + tap % 3;
}

__device__ void gather(const MapView<half> &coarse, const Pictures &pictures, const Cell &at, Patch &patch)
{
	float values[8];
#pragma unroll 2
	for (int i = lane_number(); i < patch_pixels * coarse_octets; i += 32) {
		const int pixel = i / coarse_octets, octet = i % coarse_octets;
		patch_coarse(coarse, pictures, at, pixel, octet, values);
		store_octet(patch.input + pixel * input_pitch + 8 * octet, values);
	}
	for (int pixel = lane_number(); pixel < patch_pixels; pixel += 32) {
		patch_half_colours(pictures, at, pixel, values);
		store_octet(patch.input + pixel * input_pitch + 8 * coarse_octets, values);
		patch_colours(pictures, at, pixel, values);
		store_octet(patch.colours + pixel * colours_pitch, values);
	}
	__syncwarp();
}

__device__ void run_first(const RefinerWeights<half> &refiner, Patch &patch)
{
	float sums[3][3][4];
	multiply_patch<3, 3, 9 * input_octets>(
		[&](int row, int octet) {
			return patch.input + (row + tap_rows(octet / input_octets)) * input_pitch +
			       octet % input_octets * 8;
		},
		refiner.weights[0], sums);
	finish_layer<3, 3>(refiner, 0, sums, [&](int row, int column, float first, float second) {
		store_pair(patch.first + row * first_pitch + column, first, second);
	});
	__syncwarp();
}

__device__ void run_second(const RefinerWeights<half> &refiner, Patch &patch)
{
	float sums[2][2][4];
	multiply_patch<2, 2, 27>(
		[&](int row, int octet) {
			return patch.first + (row + tap_rows(octet / 3)) * first_pitch + octet % 3 * 8;
		},
		refiner.weights[1], sums);
	finish_layer<2, 2>(refiner, 1, sums, [&](int row, int column, float first, float second) {
		store_pair(patch.second + row * second_pitch + column, first, second);
	});
	__syncwarp();
}

__device__ void run_third(const RefinerWeights<half> &refiner, Patch &patch)
{
	float sums[3][2][4];
	multiply_patch<3, 2, 27>(
		[&](int row, int octet) -> const half * {
			const int pixel = row + tap_rows(octet / 3);
			const int doubled = pixel / patch_side / 2 * patch_side + pixel % patch_side / 2;
			const bool is_colour = octet % 3 == 2;
			const half *base = is_colour ? patch.colours : patch.second;
			return base + (is_colour ? pixel * colours_pitch : doubled * second_pitch + octet % 3 * 8);
		},
		refiner.weights[2], sums);
	finish_layer<3, 2>(refiner, 2, sums, [&](int row, int column, float first, float second) {
		store_pair(patch.third + row * third_pitch + column, first, second);
	});
	__syncwarp();
}

__device__ void run_fourth(const RefinerWeights<half> &refiner, Patch &patch)
{
	float sums[2][1][4];
	multiply_patch<2, 1, 18>(
		[&](int row, int octet) {
			return patch.third + (row + tap_rows(octet / 2)) * third_pitch + octet % 2 * 8;
		},
		refiner.weights[3], sums);
	finish_layer<2, 1>(refiner, 3, sums, [&](int row, int column, float first, float second) {
		if (column < 4) {
			patch.finished[row][column] = first;
			patch.finished[row][column + 1] = second;
		}
	});
	__syncwarp();
}

__global__ void __launch_bounds__(threads) refine_kernel(RefinerWeights<half> refiner, MapView<half> coarse,
							 Pictures pictures, Selection selection, OutputView output)
{
	wait_for_earlier_kernels();
	__shared__ Patch patches[warps];
	const unsigned warp = threadIdx.x / 32, selected = selection.state[0];
	Patch &patch = patches[warp];
	for (unsigned i = blockIdx.x * warps + warp; i < selected; i += gridDim.x * warps) {
		const int number = static_cast<int>(selection.selected[i]);
		const Cell at{number / selection.width, number % selection.width};
		gather(coarse, pictures, at, patch);
		run_first(refiner, patch);
		run_second(refiner, patch);
		run_third(refiner, patch);
		run_fourth(refiner, patch);
		const int lane = lane_number();
		if (lane < cell * cell)
			finish_pixel(patch.finished[lane / cell * patch_side + lane % cell], pictures.source,
				     at.y * cell + lane / cell, at.x * cell + lane % cell, output);
		__syncwarp();
	}
}

} // namespace refiner_half_kernels

template<>
void refine(const RefinerWeights<half> &refiner, const MapView<half> &coarse, const PixelView &source,
	    const PixelView &background, const Selection &selection, const OutputView &output, int multiprocessors,
	    cudaStream_t stream)
{
	constexpr int blocks_per_multiprocessor = 8;
	launch(Start::when_empty, refine_kernel,
	       dim3(static_cast<unsigned>(multiprocessors * blocks_per_multiprocessor)), threads, stream, refiner,
	       coarse, Pictures{source, background}, selection, output);
}

} // namespace matting::cuda
