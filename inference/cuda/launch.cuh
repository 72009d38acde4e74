// SPDX-License-Identifier: GPL-2.0-or-later
// What all kernels need.
//
// Note [Kernels overlap]
// A frame is some 80 kernels of a few microseconds, each of which needs what the one before has written. From Hopper on
// a kernel's blocks may start while the one before still ends (programmatic dependent launch): every kernel calls
// wait_for_earlier_kernels before it touches anything but its arguments and the model's weights. Blocks that start early
// lie where there is room, and so unevenly: a kernel with few and long blocks is slower for it, and waits for an empty card.
#pragma once

#include "cuda_error.hpp"
#include "kernels.hpp"

#include <type_traits>

#include <cuda_runtime.h>

namespace matting::cuda {

void count_launch();

/// Returns when all that was started before has ended and can be seen. See Note [Kernels overlap].
__device__ inline void wait_for_earlier_kernels()
{
#if __CUDA_ARCH__ >= 900
	asm volatile("griddepcontrol.wait;" : : : "memory");
#endif
}

/// What comes next may take the places that are free: long blocks say so when they have nearly done.
__device__ inline void start_later_kernels()
{
#if __CUDA_ARCH__ >= 900
	asm volatile("griddepcontrol.launch_dependents;");
#endif
}

/// Whether the kernel was compiled with the instruction to wait.
template<typename... Parameters> bool waits_for_earlier_kernels(void (*kernel)(Parameters...))
{
	cudaFuncAttributes attributes;
	check_cuda(cudaFuncGetAttributes(&attributes, kernel), "looking for a kernel");
	return attributes.ptxVersion >= 90;
}

enum class Start { early, when_empty };

template<typename... Parameters>
void launch(Start start, void (*kernel)(Parameters...), dim3 grid, int threads, cudaStream_t stream,
	    std::type_identity_t<Parameters>... arguments)
{
	cudaLaunchAttribute overlap{};
	overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
	overlap.val.programmaticStreamSerializationAllowed = 1;
	cudaLaunchConfig_t config{};
	config.gridDim = grid;
	config.blockDim = dim3(threads);
	config.stream = stream;
	config.attrs = &overlap;
	config.numAttrs = start == Start::early && waits_for_earlier_kernels(kernel) ? 1 : 0;
	check_cuda(cudaLaunchKernelEx(&config, kernel, arguments...), "starting a kernel");
	count_launch();
}

template<typename... Parameters>
void launch(void (*kernel)(Parameters...), dim3 grid, int threads, cudaStream_t stream,
	    std::type_identity_t<Parameters>... arguments)
{
	launch(Start::early, kernel, grid, threads, stream, arguments...);
}

constexpr int threads_per_block = 256;

/// For kernels of one thread to an item.
inline dim3 blocks_for(int64_t items)
{
	return dim3(static_cast<unsigned>((items + threads_per_block - 1) / threads_per_block));
}

__device__ inline int item_number()
{
	return static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
}

// ---- Numbers

__device__ inline float to_float(float value)
{
	return value;
}
__device__ inline float to_float(half value)
{
	return __half2float(value);
}
__device__ inline void store(float *to, float value)
{
	*to = value;
}
__device__ inline void store(half *to, float value)
{
	*to = __float2half(value);
}

/// Two neighbours, of which the first is even.
__device__ inline void store_pair(float *to, float first, float second)
{
	*reinterpret_cast<float2 *>(to) = make_float2(first, second);
}
__device__ inline void store_pair(half *to, float first, float second)
{
	*reinterpret_cast<half2 *>(to) = __floats2half2_rn(first, second);
}

__device__ inline float2 load_pair(const float *from)
{
	return *reinterpret_cast<const float2 *>(from);
}
__device__ inline float2 load_pair(const half *from)
{
	return __half22float2(*reinterpret_cast<const half2 *>(from));
}

/// Eight channels: 16 bytes of half, 32 of float.
template<typename Number> struct alignas(16) Octet {
	Number values[8];
};

template<typename Number> __device__ inline void load_octet(const Number *from, float (&values)[8])
{
	const Octet<Number> octet = *reinterpret_cast<const Octet<Number> *>(from);
#pragma unroll
	for (int i = 0; i < 8; i++)
		values[i] = to_float(octet.values[i]);
}

template<typename Number> __device__ inline void store_octet(Number *to, const float (&values)[8])
{
	Octet<Number> octet;
#pragma unroll
	for (int i = 0; i < 8; i++)
		store(&octet.values[i], values[i]);
	*reinterpret_cast<Octet<Number> *>(to) = octet;
}

__device__ inline float clamp(float value, float low, float high)
{
	return fminf(fmaxf(value, low), high);
}

// ---- Bilinear resampling, corners not aligned: as cpu::Tap.

struct Tap {
	int first, second;
	float share;
};

__device__ inline Tap tap_at(int i, int in_size, int out_size)
{
	const float scale = static_cast<float>(in_size) / static_cast<float>(out_size);
	const float at = fmaxf(0.0f, (static_cast<float>(i) + 0.5f) * scale - 0.5f);
	const int first = min(static_cast<int>(at), in_size - 1);
	return {first, min(first + 1, in_size - 1), clamp(at - static_cast<float>(first), 0.0f, 1.0f)};
}

template<typename Number> __device__ inline const Number *pixel_at(const MapView<Number> &view, int y, int x)
{
	return view.data + (static_cast<int64_t>(y) * view.width + x) * view.pixel;
}

/// One channel of a map, resampled.
template<typename Number>
__device__ inline float mix_channel(const MapView<Number> &map, const Tap &row, const Tap &column, int channel)
{
	const auto mix = [&](int y) {
		return (1 - column.share) * to_float(pixel_at(map, y, column.first)[channel]) +
		       column.share * to_float(pixel_at(map, y, column.second)[channel]);
	};
	return (1 - row.share) * mix(row.first) + row.share * mix(row.second);
}

/// So many channels from `channel` on, resampled; load(from, values) loads them.
template<int channels, typename Number, typename Load>
__device__ inline void mix_channels(const MapView<Number> &map, const Tap &row, const Tap &column, int channel,
				    const Load &load, float (&values)[channels])
{
	float upper_left[channels], upper_right[channels], lower_left[channels], lower_right[channels];
	load(pixel_at(map, row.first, column.first) + channel, upper_left);
	load(pixel_at(map, row.first, column.second) + channel, upper_right);
	load(pixel_at(map, row.second, column.first) + channel, lower_left);
	load(pixel_at(map, row.second, column.second) + channel, lower_right);
	const float left = 1 - column.share, upper = 1 - row.share;
#pragma unroll
	for (int i = 0; i < channels; i++)
		values[i] = upper * (left * upper_left[i] + column.share * upper_right[i]) +
			    row.share * (left * lower_left[i] + column.share * lower_right[i]);
}

/// Eight channels, resampled.
template<typename Number>
__device__ inline void mix_octet(const MapView<Number> &map, const Tap &row, const Tap &column, int channel,
				 float (&values)[8])
{
	mix_channels(
		map, row, column, channel, [](const Number *from, float(&to)[8]) { load_octet(from, to); }, values);
}

/// The first four channels, resampled.
template<typename Number>
__device__ inline void mix_four(const MapView<Number> &map, const Tap &row, const Tap &column, float (&values)[4])
{
	const auto load = [](const Number *from, float(&to)[4]) {
		const float2 first = load_pair(from), second = load_pair(from + 2);
		to[0] = first.x, to[1] = first.y, to[2] = second.x, to[3] = second.y;
	};
	mix_channels(map, row, column, 0, load, values);
}

// ---- Pixels

struct Colour {
	float red, green, blue;
};

__device__ inline const uint8_t *pixel_at(const PixelView &view, int y, int x)
{
	return view.data + y * view.pitch + 4 * static_cast<std::ptrdiff_t>(x);
}

/// In 0..1.
__device__ inline Colour colour_of(const uchar4 &bytes)
{
	constexpr float unit = 1.0f / 255; // a division takes as long as all the rest
	return {bytes.x * unit, bytes.y * unit, bytes.z * unit};
}
__device__ inline Colour load_colour(const uint8_t *pixel)
{
	return colour_of(*reinterpret_cast<const uchar4 *>(pixel));
}

/// Alpha and foreground. `values`: alpha and the foreground's difference from the source, as the network gives them
/// (paper, section 4.1).
struct Matted {
	float alpha;
	Colour foreground;
};
__device__ inline Matted matted(const float (&values)[4], const Colour &own)
{
	return {clamp(values[0], 0.0f, 1.0f),
		{clamp(values[1] + own.red, 0.0f, 1.0f), clamp(values[2] + own.green, 0.0f, 1.0f),
		 clamp(values[3] + own.blue, 0.0f, 1.0f)}};
}

/// As bytes; own_alpha: the source's.
__device__ inline uchar4 finished(const Matted &pixel, unsigned char own_alpha, bool keeps_alpha)
{
	const auto byte = [](float value, float scale) {
		return static_cast<unsigned char>(value * scale + 0.5f);
	};
	const float opaque = keeps_alpha ? own_alpha : 255.0f;
	const auto &[red, green, blue] = pixel.foreground;
	const uchar4 bytes = make_uchar4(byte(red, 255), byte(green, 255), byte(blue, 255), byte(pixel.alpha, opaque));
	return keeps_alpha && bytes.w == 0 ? make_uchar4(0, 0, 0, 0) : bytes; // see Note [The room is in no result]
}

__device__ inline void finish_pixel(const float (&values)[4], const PixelView &source, int y, int x,
				    const OutputView &output)
{
	if (y >= output.picture.height || x >= output.picture.width)
		return;
	const uint8_t *own = pixel_at(source, y, x);
	const Matted pixel = matted(values, load_colour(own));
	if (output.exact) {
		float *to = output.exact + 4 * (static_cast<int64_t>(y) * output.picture.width + x);
		to[0] = pixel.alpha, to[1] = pixel.foreground.red, to[2] = pixel.foreground.green,
		to[3] = pixel.foreground.blue;
		return;
	}
	*reinterpret_cast<uchar4 *>(const_cast<uint8_t *>(pixel_at(output.picture, y, x))) =
		finished(pixel, own[3], output.keeps_alpha);
}

} // namespace matting::cuda
