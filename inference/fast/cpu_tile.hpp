// SPDX-License-Identifier: GPL-2.0-or-later
// The inner loop of every convolution on the CPU.
#pragma once

#include <cstddef>

namespace matting::cpu {

inline constexpr int octet = 8;       ///< maps have room for whole octets of channels
inline constexpr int max_lanes = 16;  ///< floats in the longest vector
inline constexpr int max_vectors = 3; ///< of output channels in a tile
inline constexpr int max_pixels = 16; ///< in a tile

/// `count` consecutive floats of each pixel's input, and what they are weighted with: count x (lanes * vectors).
struct Segment {
	const float *weights;
	int count;
	const float *inputs[max_pixels];
};

/// out = clamp(bias + add + sum of input * weight, low, high), for some pixels and a panel of output channels.
///
///                    panel: lanes * vectors output channels
///                   +-------------------------------------+
///     pixel 0       | sums stay in registers while the    |
///     ...           | segments' inputs pass by: 12 of the |
///     pixel n - 1   | 16 of AVX2, 28 of the 32 of AVX-512 |
///                   +-------------------------------------+
struct Tile {
	const Segment *segments;
	int segment_count;
	const float *bias, *low, *high; ///< of the panel's channels
	const float *add;               ///< null: nothing is added
	std::ptrdiff_t add_step;        ///< from pixel to pixel
	float *out;
	std::ptrdiff_t out_step;
	bool ends_in_octet; ///< `add` and `out` have room for no more than an octet where the last vector lies
};

using TileFunction = void (*)(const Tile &);

} // namespace matting::cpu
