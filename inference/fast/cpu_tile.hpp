// SPDX-License-Identifier: GPL-2.0-or-later
// The inner loop of every convolution on the CPU.
#pragma once

#include <array>
#include <cstddef>

namespace matting::cpu {

inline constexpr int lanes = 8;       ///< floats in a vector
inline constexpr int max_vectors = 3; ///< of output channels in a tile
inline constexpr int max_pixels = 8;  ///< in a tile

/// `count` consecutive floats of each pixel's input, and what they are weighted with: count x (lanes * vectors).
struct Segment {
	const float *weights;
	int count;
	std::array<const float *, max_pixels> inputs;
};

/// out = clamp(bias + add + sum of input * weight, low, high), for some pixels and a panel of output channels.
///
///                    panel: lanes * vectors output channels
///                   +-------------------------------------+
///     pixel 0       | sums stay in registers while the    |
///     ...           | segments' inputs pass by: 12 of the |
///     pixel n - 1   | 16 registers of AVX2                |
///                   +-------------------------------------+
struct Tile {
	const Segment *segments;
	int segment_count;
	const float *bias, *low, *high; ///< of the panel's channels
	const float *add;               ///< null: nothing is added
	std::ptrdiff_t add_step;        ///< from pixel to pixel
	float *out;
	std::ptrdiff_t out_step;
};

using TileFunction = void (*)(const Tile &);

/// 1 <= vectors <= max_vectors, 1 <= pixels <= tile_pixels(vectors).
TileFunction tile_function(int vectors, int pixels);

/// How many pixels fill the registers.
constexpr int tile_pixels(int vectors)
{
	return vectors == 3 ? 4 : vectors == 2 ? 6 : 8;
}

} // namespace matting::cpu
