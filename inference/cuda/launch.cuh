// SPDX-License-Identifier: GPL-2.0-or-later
// What all kernels need.
#pragma once

#include "cuda_error.hpp"
#include "kernels.hpp"

#include <type_traits>

#include <cuda_runtime.h>

namespace matting::cuda {

void count_launch();

template<typename... Parameters>
void launch(void (*kernel)(Parameters...), dim3 grid, int threads, cudaStream_t stream,
	    std::type_identity_t<Parameters>... arguments)
{
	void *pointers[] = {&arguments...};
	check_cuda(cudaLaunchKernel(kernel, grid, dim3(threads), pointers, 0, stream), "starting a kernel");
	count_launch();
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

/// Eight channels, resampled.
template<typename Number>
__device__ inline void mix_octet(const MapView<Number> &map, const Tap &row, const Tap &column, int channel,
				 float (&values)[8])
{
	float upper_left[8], upper_right[8], lower_left[8], lower_right[8];
	load_octet(pixel_at(map, row.first, column.first) + channel, upper_left);
	load_octet(pixel_at(map, row.first, column.second) + channel, upper_right);
	load_octet(pixel_at(map, row.second, column.first) + channel, lower_left);
	load_octet(pixel_at(map, row.second, column.second) + channel, lower_right);
	const float left = 1 - column.share, upper = 1 - row.share;
#pragma unroll
	for (int i = 0; i < 8; i++)
		values[i] = upper * (left * upper_left[i] + column.share * upper_right[i]) +
			    row.share * (left * lower_left[i] + column.share * lower_right[i]);
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
__device__ inline Colour load_colour(const uint8_t *pixel)
{
	const uchar4 bytes = *reinterpret_cast<const uchar4 *>(pixel);
	constexpr float unit = 1.0f / 255; // a division takes as long as all the rest
	return {bytes.x * unit, bytes.y * unit, bytes.z * unit};
}

/// `values`: alpha and the foreground's difference from the source, as the network gives them (paper, section 4.1).
__device__ inline void finish_pixel(const float (&values)[4], const PixelView &source, int y, int x,
				    const OutputView &output)
{
	if (y >= output.picture.height || x >= output.picture.width)
		return;
	const uint8_t *own = pixel_at(source, y, x);
	const Colour colour = load_colour(own);
	const float alpha = clamp(values[0], 0.0f, 1.0f), red = clamp(values[1] + colour.red, 0.0f, 1.0f),
		    green = clamp(values[2] + colour.green, 0.0f, 1.0f),
		    blue = clamp(values[3] + colour.blue, 0.0f, 1.0f);
	if (output.exact) {
		float *to = output.exact + 4 * (static_cast<int64_t>(y) * output.picture.width + x);
		to[0] = alpha, to[1] = red, to[2] = green, to[3] = blue;
		return;
	}
	const auto byte = [](float value, float scale) {
		return static_cast<unsigned char>(value * scale + 0.5f);
	};
	const float opaque = output.keeps_alpha ? own[3] : 255.0f;
	uchar4 pixel = make_uchar4(byte(red, 255), byte(green, 255), byte(blue, 255), byte(alpha, opaque));
	if (output.keeps_alpha && pixel.w == 0) // see Note [The room is in no result]
		pixel = make_uchar4(0, 0, 0, 0);
	*reinterpret_cast<uchar4 *>(const_cast<uint8_t *>(pixel_at(output.picture, y, x))) = pixel;
}

} // namespace matting::cuda
