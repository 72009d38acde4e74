// SPDX-License-Identifier: GPL-2.0-or-later
// Half precision of the stand-in: see cuda_runtime_api.h.
#pragma once

#include <bit>
#include <vector>

struct alignas(2) half {
	_Float16 value;
};
struct alignas(4) half2 {
	half x, y;
};

namespace cuda_stand_in {

// Where the processor need not have instructions for it, a conversion is a slow call.
inline const std::vector<float> half_values = [] {
	std::vector<float> values(1 << 16);
	for (unsigned bits = 0; bits < values.size(); bits++)
		values[bits] = static_cast<float>(std::bit_cast<half>(static_cast<unsigned short>(bits)).value);
	return values;
}();

} // namespace cuda_stand_in

inline float __half2float(half number)
{
	return cuda_stand_in::half_values[std::bit_cast<unsigned short>(number)];
}
inline half __float2half(float number)
{
	return {static_cast<_Float16>(number)};
}
inline half2 __floats2half2_rn(float first, float second)
{
	return {__float2half(first), __float2half(second)};
}
