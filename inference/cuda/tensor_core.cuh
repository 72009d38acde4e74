// SPDX-License-Identifier: GPL-2.0-or-later
// The instructions that CUDA C++ has no names for (PTX ISA: ldmatrix, mma, cp.async). All threads of a warp take part.
//
// Fragments, for lane = 4 * group + index, group 0 to 7, index 0 to 3; `a` is 16x16 (rows x depth), `b` 16x8 (depth x
// columns), `sums` 16x8:
//     a[0]: row group, depth 2 * index and the next     b[0]: depth 2 * index and the next, column group
//     a[1]: row group + 8, the same depth               b[1]: depth 2 * index + 8 and the next, column group
//     a[2]: row group, depth 2 * index + 8              sums[0], [1]: row group, column 2 * index and the next
//     a[3]: row group + 8, depth 2 * index + 8          sums[2], [3]: row group + 8, the same columns
#pragma once

#include <cstdint>

#include <cuda_fp16.h>

namespace matting::cuda {

/// Four 8x8 matrices from shared memory. Lane 8 * i + j gives the address of row j of matrix i (8 halves, 16 bytes);
/// lane 4 * r + c gets numbers 2 * c and 2 * c + 1 of row r of each.
__device__ inline void load_matrices(uint32_t (&fragments)[4], const half *row)
{
	const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(row));
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
		     : "=r"(fragments[0]), "=r"(fragments[1]), "=r"(fragments[2]), "=r"(fragments[3])
		     : "r"(address)
		     : "memory");
}

/// sums += a * b.
__device__ inline void multiply(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1)
{
#if __CUDA_ARCH__ >= 800
	asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
		     "{%0, %1, %2, %3};"
		     : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
		     : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else // Turing has half the depth
	asm volatile(
		"mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
		: "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
		: "r"(a[0]), "r"(a[1]), "r"(b0));
	asm volatile(
		"mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
		: "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
		: "r"(a[2]), "r"(a[3]), "r"(b1));
#endif
}

/// 16 bytes from global to shared memory, or 16 zeros. They are there after the wait for their group, and other
/// threads' after the barrier behind it.
__device__ inline void copy_asynchronously(half *to, const half *from, bool is_inside)
{
#if __CUDA_ARCH__ >= 800
	const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
	const int bytes = is_inside ? 16 : 0;
	asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
		     :
		     : "r"(address), "l"(from), "r"(bytes)
		     : "memory");
#else
	*reinterpret_cast<uint4 *>(to) = is_inside ? *reinterpret_cast<const uint4 *>(from) : make_uint4(0, 0, 0, 0);
#endif
}

/// The copies since the last call are a group.
__device__ inline void close_group()
{
#if __CUDA_ARCH__ >= 800
	asm volatile("cp.async.commit_group;" : : : "memory");
#endif
}

/// Until all groups but the `pending` newest are there.
template<int pending> __device__ inline void wait_for_groups()
{
#if __CUDA_ARCH__ >= 800
	asm volatile("cp.async.wait_group %0;" : : "n"(pending) : "memory");
#endif
}

} // namespace matting::cuda
