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
#define __launch_bounds__(...)

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
struct alignas(16) uint4 {
	unsigned x, y, z, w;
};
struct alignas(8) float2 {
	float x, y;
};
struct alignas(16) float4 {
	float x, y, z, w;
};
inline uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w)
{
	return {x, y, z, w};
}
inline float2 make_float2(float x, float y)
{
	return {x, y};
}
inline float4 make_float4(float x, float y, float z, float w)
{
	return {x, y, z, w};
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

struct cudaFuncAttributes {
	int ptxVersion;
};
template<typename... Parameters> cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attributes, void (*)(Parameters...))
{
	attributes->ptxVersion = 75;
	return cudaSuccess;
}

enum cudaLaunchAttributeID { cudaLaunchAttributeProgrammaticStreamSerialization };
struct cudaLaunchAttribute {
	cudaLaunchAttributeID id;
	struct {
		int programmaticStreamSerializationAllowed;
	} val;
};
struct cudaLaunchConfig_t {
	dim3 gridDim, blockDim;
	cudaStream_t stream;
	cudaLaunchAttribute *attrs;
	unsigned numAttrs;
};
template<typename... Parameters>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t *config, void (*kernel)(Parameters...),
			       std::type_identity_t<Parameters>... arguments)
{
	const dim3 grid = config->gridDim, block = config->blockDim;
	if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x > 1024 || config->numAttrs > 0)
		return cudaErrorInvalidValue;
	cuda_stand_in::enqueue(config->stream, [kernel, grid, block, copy = std::tuple(arguments...)] {
		cuda_stand_in::run_grid(grid, block, [&] { std::apply(kernel, copy); });
	});
	return cudaSuccess;
}
