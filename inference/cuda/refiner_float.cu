// SPDX-License-Identifier: GPL-2.0-or-later
// The refiner in fp32, as it is written in the paper: a block takes a selected cell, a thread a number at a time.
#include "patch.cuh"

namespace matting::cuda {
inline namespace refiner_float_kernels {

constexpr int threads = 128;
constexpr int input_channels = 8 * input_octets, first_channels = 24, second_channels = 16, colour_channels = 8,
	      third_channels = 16, fourth_channels = 8;

struct Patch {
	float input[patch_pixels][input_channels], colours[patch_pixels][colour_channels];
	float first[36][first_channels], second[16][second_channels], third[36][third_channels], finished[16][4];
};

/// out: side x side pixels, of a window that is 2 wider. input_of(y, x): the pixel's `in` channels.
template<int side, int in, int out, int stored, typename InputOf>
__device__ void convolve_patch(const RefinerWeights<float> &refiner, int layer, const InputOf &input_of,
			       float (*result)[stored])
{
	for (int i = static_cast<int>(threadIdx.x); i < side * side * out; i += threads) {
		const int pixel = i / out, channel = i % out;
		float sum = 0;
		for (int tap = 0; tap < 9; tap++) {
			const int y = pixel / side + tap / 3, x = pixel % side + tap % 3;
			const float *weights = refiner.weights[layer] + tap * in * out + channel;
			for (int k = 0; k < in; k++)
				sum += input_of(y, x, k) * weights[k * out];
		}
		if (channel < stored)
			result[pixel][channel] = clamp(sum + refiner.bias[layer][channel], refiner.low[layer][channel],
						       refiner.high[layer][channel]);
	}
	__syncthreads();
}

__device__ void gather(const MapView<float> &coarse, const Pictures &pictures, const Cell &at, Patch &patch)
{
	const int thread = static_cast<int>(threadIdx.x);
	float values[8];
	for (int i = thread; i < patch_pixels * input_octets; i += threads) {
		const int pixel = i / input_octets, octet = i % input_octets;
		if (octet < coarse_octets)
			patch_coarse(coarse, pictures, at, pixel, octet, values);
		else
			patch_half_colours(pictures, at, pixel, values);
		for (int c = 0; c < 8; c++)
			patch.input[i / input_octets][i % input_octets * 8 + c] = values[c];
	}
	for (int pixel = thread; pixel < patch_pixels; pixel += threads) {
		patch_colours(pictures, at, pixel, values);
		for (int c = 0; c < 8; c++)
			patch.colours[pixel][c] = values[c];
	}
	__syncthreads();
}

__global__ void __launch_bounds__(threads) refine_kernel(RefinerWeights<float> refiner, MapView<float> coarse,
							 Pictures pictures, Selection selection, OutputView output)
{
	wait_for_earlier_kernels();
	__shared__ Patch patch;
	const unsigned selected = selection.state[0];
	for (unsigned i = blockIdx.x; i < selected; i += gridDim.x) {
		const int number = static_cast<int>(selection.selected[i]);
		const Cell at{number / selection.width, number % selection.width};
		gather(coarse, pictures, at, patch);
		convolve_patch<6, input_channels, first_channels>(
			refiner, 0, [&](int y, int x, int c) { return patch.input[y * patch_side + x][c]; },
			patch.first);
		convolve_patch<4, first_channels, second_channels>(
			refiner, 1, [&](int y, int x, int c) { return patch.first[y * 6 + x][c]; }, patch.second);
		convolve_patch<6, second_channels + colour_channels, third_channels>(
			refiner, 2,
			[&](int y, int x, int c) {
				return c < second_channels ? patch.second[y / 2 * 4 + x / 2][c]
							   : patch.colours[y * patch_side + x][c - second_channels];
			},
			patch.third);
		convolve_patch<4, third_channels, fourth_channels>(
			refiner, 3, [&](int y, int x, int c) { return patch.third[y * 6 + x][c]; }, patch.finished);
		const int pixel = static_cast<int>(threadIdx.x);
		if (pixel < cell * cell)
			finish_pixel(patch.finished[pixel], pictures.source, at.y * cell + pixel / cell,
				     at.x * cell + pixel % cell, output);
		__syncthreads();
	}
}

} // namespace refiner_float_kernels

template<>
void refine(const RefinerWeights<float> &refiner, const MapView<float> &coarse, const PixelView &source,
	    const PixelView &background, const Selection &selection, const OutputView &output, int multiprocessors,
	    cudaStream_t stream)
{
	constexpr int blocks_per_multiprocessor = 8;
	launch(refine_kernel, dim3(static_cast<unsigned>(multiprocessors * blocks_per_multiprocessor)), threads, stream,
	       refiner, coarse, Pictures{source, background}, selection, output);
}

} // namespace matting::cuda
