// SPDX-License-Identifier: GPL-2.0-or-later
// As many floats at a time as the instruction set has, in the compiler's own vector types.

constexpr int lanes = MATTING_LANES;

using Vector [[gnu::vector_size(4 * lanes)]] = float;
using Octet [[gnu::vector_size(4 * octet)]] = float;

template<typename Kind = Vector> MATTING_ALWAYS_INLINE Kind load(const float *from)
{
	Kind value;
	__builtin_memcpy(&value, from, sizeof value);
	return value;
}

template<typename Kind> MATTING_ALWAYS_INLINE void store(float *to, const Kind &value)
{
	__builtin_memcpy(to, &value, sizeof value);
}

/// Only the first octet, if that is all there is room for.
template<typename Kind = Vector> MATTING_ALWAYS_INLINE Kind load_part(const float *from, bool only_octet)
{
	if constexpr (sizeof(Kind) > sizeof(Octet))
		if (only_octet) {
			const Octet low = load<Octet>(from), high{};
			return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
		}
	return load<Kind>(from);
}

template<typename Kind> MATTING_ALWAYS_INLINE void store_part(float *to, const Kind &value, bool only_octet)
{
	if constexpr (sizeof(Kind) > sizeof(Octet))
		if (only_octet)
			return store(to, __builtin_shufflevector(value, value, 0, 1, 2, 3, 4, 5, 6, 7));
	store(to, value);
}

template<typename Kind> MATTING_ALWAYS_INLINE Kind clamp(const Kind &value, const Kind &low, const Kind &high)
{
	const Kind raised = value < low ? low : value;
	return raised > high ? high : raised;
}

/// Calls body(first, kind) for the vectors of `count` floats, a multiple of `octet`; `kind` is a vector as long as each.
template<typename Body> MATTING_ALWAYS_INLINE void for_each_vector(int count, const Body &body)
{
	int first = 0;
	for (; first + lanes <= count; first += lanes)
		body(first, Vector{});
	if constexpr (lanes > octet)
		if (first < count)
			body(first, Octet{});
}
