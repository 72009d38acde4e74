// SPDX-License-Identifier: GPL-2.0-or-later
// Half precision of the stand-in: see cuda_runtime_api.h.
#pragma once

#include <bit>

struct alignas(2) half {
	_Float16 value;
};
struct alignas(4) half2 {
	half x, y;
};

/// By hand: where the processor need not have an instruction for it, a conversion is a slow call.
inline float __half2float(half number)
{
	const unsigned bits = std::bit_cast<unsigned short>(number), magnitude = (bits & 0x7FFF) << 13;
	const float finite = std::bit_cast<float>(magnitude) * 0x1p112f; // subnormal numbers too
	const float special = std::bit_cast<float>(magnitude | 0x7F800000);
	const float value = magnitude < 0x7C00 << 13 ? finite : special;
	return std::bit_cast<float>(std::bit_cast<unsigned>(value) | (bits & 0x8000) << 16);
}
inline half __float2half(float number)
{
	return {static_cast<_Float16>(number)};
}
inline half2 __floats2half2_rn(float first, float second)
{
	return {__float2half(first), __float2half(second)};
}
