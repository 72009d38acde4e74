// SPDX-License-Identifier: GPL-2.0-or-later
// What kernels see of the stand-in: see cuda_runtime_api.h.
#pragma once

#include "cuda_fp16.h"
#include "cuda_runtime_api.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <utility>

#define __global__
#define __device__
#define __shared__ static
#define __launch_bounds__(threads)

struct dim3 {
	unsigned x, y, z;
	dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
struct alignas(4) uchar4 {
	unsigned char x, y, z, w;
};
struct alignas(8) uint2 {
	unsigned x, y;
};
struct alignas(8) float2 {
	float x, y;
};
inline uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w)
{
	return {x, y, z, w};
}
inline float2 make_float2(float x, float y)
{
	return {x, y};
}

inline dim3 threadIdx, blockIdx, blockDim, gridDim;

inline float2 __half22float2(half2 pair)
{
	return {__half2float(pair.x), __half2float(pair.y)};
}

using std::max;
using std::min;
inline unsigned __float_as_uint(float value)
{
	return std::bit_cast<unsigned>(value);
}
template<typename T> T __ldg(const T *from)
{
	return *from;
}
template<typename T> T __ldcg(const T *from)
{
	return *from;
}
template<typename T> T atomicAdd(T *to, T value)
{
	return std::exchange(*to, *to + value);
}
inline void __threadfence() {}

namespace cuda_stand_in {

void run_grid(dim3 grid, dim3 block, const std::function<void()> &thread);

/// Waits until every thread of the warp has come to an instruction of this kind; the last one calls `carry_out` with
/// the `operands` of all 32, in the order of the lanes.
void meet_in_warp(const void *kind, void *operands, void (*carry_out)(void *const *operands));

/// What an asynchronous copy does, once its group is waited for.
void copy_later(std::function<void()> copy);
void close_copies();
void wait_for_copies(size_t pending);

} // namespace cuda_stand_in

void __syncthreads();
void __syncwarp();

template<typename... Parameters>
cudaError_t cudaLaunchKernel(void (*kernel)(Parameters...), dim3 grid, dim3 block, void **arguments, size_t,
			     cudaStream_t stream)
{
	if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x > 1024)
		return cudaErrorInvalidValue;
	const auto copy = [&]<size_t... i>(std::index_sequence<i...>) {
		return std::tuple<Parameters...>(*static_cast<Parameters *>(arguments[i])...);
	}(std::index_sequence_for<Parameters...>());
	cuda_stand_in::enqueue(stream, [kernel, grid, block, copy] {
		cuda_stand_in::run_grid(grid, block, [&] { std::apply(kernel, copy); });
	});
	return cudaSuccess;
}
