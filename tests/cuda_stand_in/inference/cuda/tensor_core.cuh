// SPDX-License-Identifier: GPL-2.0-or-later
// The stand-in's tensor cores: the same functions as in inference/cuda/tensor_core.cuh, where the layouts are written
// down.
#pragma once

#include <cstring>

#include <cuda_runtime.h>

namespace matting::cuda {
namespace stand_in {

struct Load {
	uint32_t *fragments;
	const half *row;
};

inline void load(void *const *lanes)
{
	const auto operands = [&](int lane) -> Load & {
		return *static_cast<Load *>(lanes[lane]);
	};
	for (int lane = 0; lane < 32; lane++)
		for (int matrix = 0; matrix < 4; matrix++)
			std::memcpy(&operands(lane).fragments[matrix],
				    operands(8 * matrix + lane / 4).row + 2 * (lane % 4), sizeof(uint32_t));
}

struct Product {
	float *sums;
	const uint32_t *a;
	uint32_t b[2];
};

inline void multiply(void *const *lanes)
{
	const auto operands = [&](int lane) -> Product & {
		return *static_cast<Product *>(lanes[lane]);
	};
	half a[16][16], b[8][16]; // [row][depth], [column][depth]
	for (int lane = 0; lane < 32; lane++) {
		const int group = lane / 4, depth = 2 * (lane % 4);
		for (int part = 0; part < 4; part++)
			std::memcpy(&a[group + part % 2 * 8][depth + part / 2 * 8], &operands(lane).a[part],
				    sizeof(uint32_t));
		for (int part = 0; part < 2; part++)
			std::memcpy(&b[group][depth + 8 * part], &operands(lane).b[part], sizeof(uint32_t));
	}
	float exact_a[16][16], exact_b[16][8];
	for (int row = 0; row < 16; row++)
		for (int k = 0; k < 16; k++)
			exact_a[row][k] = __half2float(a[row][k]);
	for (int k = 0; k < 16; k++)
		for (int column = 0; column < 8; column++)
			exact_b[k][column] = __half2float(b[column][k]);
	float sums[16][8] = {};
	for (int row = 0; row < 16; row++)
		for (int k = 0; k < 16; k++)
			for (int column = 0; column < 8; column++)
				sums[row][column] += exact_a[row][k] * exact_b[k][column];
	for (int lane = 0; lane < 32; lane++)
		for (int i = 0; i < 4; i++)
			operands(lane).sums[i] += sums[lane / 4 + i / 2 * 8][2 * (lane % 4) + i % 2];
}

} // namespace stand_in

inline void load_matrices(uint32_t (&fragments)[4], const half *row)
{
	if (reinterpret_cast<uintptr_t>(row) % 16 != 0)
		throw "a row of a matrix that does not begin at 16 bytes";
	static const char kind = 0;
	stand_in::Load operands{fragments, row};
	cuda_stand_in::meet_in_warp(&kind, &operands, stand_in::load);
}

inline void multiply(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1)
{
	static const char kind = 0;
	stand_in::Product operands{sums, a, {b0, b1}};
	cuda_stand_in::meet_in_warp(&kind, &operands, stand_in::multiply);
}

inline void copy_asynchronously(half *to, const half *from, bool is_inside)
{
	if (reinterpret_cast<uintptr_t>(to) % 16 != 0 || reinterpret_cast<uintptr_t>(from) % 16 != 0)
		throw "a copy of 16 bytes that does not begin at 16 bytes";
	cuda_stand_in::copy_later([=] {
		if (is_inside)
			std::memcpy(to, from, 16);
		else
			std::memset(to, 0, 16);
	});
}

inline void close_group()
{
	cuda_stand_in::close_copies();
}

template<int pending> inline void wait_for_groups()
{
	cuda_stand_in::wait_for_copies(pending);
}

} // namespace matting::cuda
