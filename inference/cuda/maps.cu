// SPDX-License-Identifier: GPL-2.0-or-later
// What is done to maps between convolutions: one thread to eight channels of a pixel.
//
//     block:   256 neighbouring octets of the output, channels first, then pixels
//              | px 0: oct 0, 1, 2 | px 1: oct 0, 1, 2 | ...
#include "launch.cuh"

namespace matting::cuda {
inline namespace maps_kernels {

struct Place {
	int y, x, channel;
	bool is_inside;
};

template<typename Number> __device__ Place place_in(const MapView<Number> &out)
{
	const int octets = out.channels / 8, item = item_number(), pixel = item / octets;
	return {pixel / out.width, pixel % out.width, item % octets * 8, pixel < out.height * out.width};
}

template<typename Number> dim3 blocks_for_octets(const MapView<Number> &out)
{
	return blocks_for(int64_t{1} * out.height * out.width * (out.channels / 8));
}

template<typename Number> __device__ Number *pixel_of(const MapView<Number> &view, const Place &place)
{
	return const_cast<Number *>(pixel_at(view, place.y, place.x)) + place.channel;
}

template<typename Number>
__global__ void depthwise_kernel(DepthwiseWeights<Number> layer, MapView<Number> in, MapView<Number> out)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const Place place = place_in(out);
	if (!place.is_inside)
		return;
	float sums[8], weights[8];
	load_octet(layer.bias + place.channel, sums);
	// Without a branch, so that all nine are on their way at once: outside, some pixel of the picture is loaded.
#pragma unroll
	for (int tap = 0; tap < 9; tap++) {
		const int y = place.y * layer.stride - layer.padding + tap / 3 * layer.dilation;
		const int x = place.x * layer.stride - layer.padding + tap % 3 * layer.dilation;
		const int inner_y = min(max(y, 0), in.height - 1), inner_x = min(max(x, 0), in.width - 1);
		float values[8];
		load_octet(pixel_at(in, inner_y, inner_x) + place.channel, values);
		load_octet(layer.weights + tap * out.channels + place.channel, weights);
		const bool is_inside = y == inner_y && x == inner_x;
#pragma unroll
		for (int i = 0; i < 8; i++)
			sums[i] += is_inside ? values[i] * weights[i] : 0;
	}
	float low[8], high[8];
	load_octet(layer.low + place.channel, low);
	load_octet(layer.high + place.channel, high);
#pragma unroll
	for (int i = 0; i < 8; i++)
		sums[i] = clamp(sums[i], low[i], high[i]);
	store_octet(pixel_of(out, place), sums);
}

template<typename Number> __global__ void max_pool_kernel(MapView<Number> in, MapView<Number> out)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const Place place = place_in(out);
	if (!place.is_inside)
		return;
	float highest[8], values[8];
	load_octet(pixel_at(in, 2 * place.y, 2 * place.x) + place.channel, highest);
	for (int y = max(0, 2 * place.y - 1); y < min(in.height, 2 * place.y + 2); y++)
		for (int x = max(0, 2 * place.x - 1); x < min(in.width, 2 * place.x + 2); x++) {
			load_octet(pixel_at(in, y, x) + place.channel, values);
#pragma unroll
			for (int i = 0; i < 8; i++)
				highest[i] = fmaxf(highest[i], values[i]);
		}
	store_octet(pixel_of(out, place), highest);
}

template<typename Number> __global__ void upsample_kernel(MapView<Number> in, MapView<Number> out)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const Place place = place_in(out);
	if (!place.is_inside)
		return;
	float values[8];
	mix_octet(in, tap_at(place.y, in.height, out.height), tap_at(place.x, in.width, out.width), place.channel,
		  values);
	store_octet(pixel_of(out, place), values);
}

// A block to an octet; its threads take every 128th pixel, then their sums meet in pairs.
constexpr int average_threads = 128;

template<typename Number>
__global__ void __launch_bounds__(average_threads) average_kernel(MapView<Number> in, MapView<Number> out)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	__shared__ float sums[average_threads][8];
	const int channel = static_cast<int>(blockIdx.x) * 8, thread = static_cast<int>(threadIdx.x);
	const int pixels = in.height * in.width;
	float sum[8] = {}, values[8];
	for (int pixel = thread; pixel < pixels; pixel += average_threads) {
		load_octet(in.data + static_cast<int64_t>(pixel) * in.pixel + channel, values);
#pragma unroll
		for (int i = 0; i < 8; i++)
			sum[i] += values[i];
	}
	for (int i = 0; i < 8; i++)
		sums[thread][i] = sum[i];
	for (int half_of = average_threads / 2; half_of > 0; half_of /= 2) {
		__syncthreads();
		if (thread < half_of)
			for (int i = 0; i < 8; i++)
				sums[thread][i] += sums[thread + half_of][i];
	}
	if (thread == 0)
		for (int i = 0; i < 8; i++)
			store(out.data + channel + i, sums[0][i] / static_cast<float>(pixels));
}

thread_local int64_t launch_count = 0;

} // namespace maps_kernels

void count_launch()
{
	launch_count++;
}

int64_t launches()
{
	return launch_count;
}

template<typename Number>
void convolve_depthwise(const DepthwiseWeights<Number> &weights, const MapView<Number> &in, const MapView<Number> &out,
			cudaStream_t stream)
{
	launch(depthwise_kernel<Number>, blocks_for_octets(out), threads_per_block, stream, weights, in, out);
}

template<typename Number> void max_pool(const MapView<Number> &in, const MapView<Number> &out, cudaStream_t stream)
{
	launch(max_pool_kernel<Number>, blocks_for_octets(out), threads_per_block, stream, in, out);
}

template<typename Number> void average(const MapView<Number> &in, const MapView<Number> &out, cudaStream_t stream)
{
	launch(average_kernel<Number>, dim3(static_cast<unsigned>(in.channels / 8)), average_threads, stream, in, out);
}

template<typename Number> void upsample(const MapView<Number> &in, const MapView<Number> &out, cudaStream_t stream)
{
	MapView<Number> part = out;
	part.channels = in.channels;
	launch(upsample_kernel<Number>, blocks_for_octets(part), threads_per_block, stream, in, part);
}

#define MATTING_INSTANTIATE(Number)                                                                                    \
	template void convolve_depthwise(const DepthwiseWeights<Number> &, const MapView<Number> &,                    \
					 const MapView<Number> &, cudaStream_t);                                       \
	template void max_pool(const MapView<Number> &, const MapView<Number> &, cudaStream_t);                        \
	template void average(const MapView<Number> &, const MapView<Number> &, cudaStream_t);                         \
	template void upsample(const MapView<Number> &, const MapView<Number> &, cudaStream_t);
MATTING_INSTANTIATE(half)
MATTING_INSTANTIATE(float)

} // namespace matting::cuda
