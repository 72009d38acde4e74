// SPDX-License-Identifier: GPL-2.0-or-later
// Eight floats at a time, in the compiler's own vector types. Only for the .cpp files of the CPU's kernels.
//
// Note [One build for every processor]
// A function marked MATTING_VECTORISED is compiled twice, for AVX2 with FMA and for any x86-64, and the processor is
// asked once, when the program starts. What it calls must be MATTING_ALWAYS_INLINE to be compiled along with it.
#pragma once

#include <cstdint>
#include <cstring>

#define MATTING_ALWAYS_INLINE [[gnu::always_inline]] inline
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define MATTING_VECTORISED [[gnu::target_clones("arch=x86-64-v3", "default")]]
#else
#define MATTING_VECTORISED
#endif

// All functions with vectors in their signature are inlined: there is no binary interface to warn about.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace matting::cpu {

using Vector [[gnu::vector_size(32)]] = float;
using UnalignedVector [[gnu::vector_size(32), gnu::aligned(4), gnu::may_alias]] = float;

MATTING_ALWAYS_INLINE Vector load(const float *from)
{
	return *reinterpret_cast<const UnalignedVector *>(from);
}

MATTING_ALWAYS_INLINE void store(float *to, const Vector &value)
{
	*reinterpret_cast<UnalignedVector *>(to) = value;
}

MATTING_ALWAYS_INLINE Vector clamp(const Vector &value, const Vector &low, const Vector &high)
{
	const Vector raised = value < low ? low : value;
	return raised > high ? high : raised;
}

} // namespace matting::cpu
