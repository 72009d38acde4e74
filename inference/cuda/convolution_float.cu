// SPDX-License-Identifier: GPL-2.0-or-later
// Convolutions in fp32: the exact ones, beside which those in fp16 are measured.
//
//     block: 256 threads, 64 pixels x 64 channels; thread (ty, tx) has 4 pixels x 4 channels, in steps of 16 depth
#include "convolution.cuh"

namespace matting::cuda {
inline namespace convolution_float_kernels {

constexpr int threads = 256, tile = 64, step_depth = 16, step_octets = 2, own = 4;
constexpr int layer_step_octets = 4; // the weights' steps are those of the tensor cores

__global__ void __launch_bounds__(threads) convolve_kernel(ConvolutionArguments<float> arguments)
{
	wait_for_earlier_kernels();
	__shared__ float in[step_depth][tile + 1], weights[step_depth][tile + 1];
	__shared__ Bounds<tile> bounds;
	const auto &layer = arguments.layer;
	const int first_channel = static_cast<int>(blockIdx.y) * tile;
	bounds.load(layer, first_channel);
	const int thread = static_cast<int>(threadIdx.x), row = thread % 128 / step_octets, slot = thread % step_octets;
	const int depth = layer.steps * layer_step_octets * 8;
	const bool loads_input = thread < 128; // the others load the weights
	const Window window = window_of(arguments, static_cast<int>(blockIdx.x) * tile + row);
	DepthCursor cursor(slot, layer.octets, layer.kernel);
	const int channel = first_channel + row;
	float sums[own][own] = {};
	for (int first = 0; first < depth; first += step_depth) {
		float values[8] = {};
		if (loads_input) {
			if (const float *from = cursor.input(arguments.in, window, layer.dilation))
				load_octet(from, values);
		} else if (channel < layer.rows) {
			load_octet(layer.weights + static_cast<int64_t>(channel) * depth + first + 8 * slot, values);
		}
		cursor.advance(step_octets);
		__syncthreads(); // nobody reads the step before any more
		for (int i = 0; i < 8; i++)
			(loads_input ? in : weights)[8 * slot + i][row] = values[i];
		__syncthreads();
		for (int k = 0; k < step_depth; k++)
#pragma unroll
			for (int i = 0; i < own; i++)
#pragma unroll
				for (int j = 0; j < own; j++)
					sums[i][j] += in[k][thread / 16 * own + i] * weights[k][thread % 16 * own + j];
	}
	for (int j = 0; j < own; j += 2) {
		const int channel = thread % 16 * own + j;
		const PairEnd<float> end(arguments, bounds, first_channel + channel, channel);
		for (int i = 0; i < own; i++)
			end.finish(static_cast<int>(blockIdx.x) * tile + thread / 16 * own + i, sums[i][j],
				   sums[i][j + 1]);
	}
}

} // namespace convolution_float_kernels

template<>
void convolve(const ConvolutionWeights<float> &weights, const MapView<float> &in, const MapView<float> &out,
	      const MapView<float> &add, const Workspace &workspace, cudaStream_t stream)
{
	const ConvolutionArguments<float> arguments{weights, in, out, add, 1, workspace};
	const auto blocks = [](int count) {
		return static_cast<unsigned>((count + tile - 1) / tile);
	};
	launch(convolve_kernel, dim3(blocks(out.height * out.width), blocks(weights.channels)), threads, stream,
	       arguments);
}

} // namespace matting::cuda
