// SPDX-License-Identifier: GPL-2.0-or-later
// The sizes of pictures: for the plugin, the engine and what they say to each other.
#pragma once

namespace matting {

inline constexpr int min_dimension = 16;
inline constexpr int max_dimension = 16384; ///< of what is shared with the plugin and of what is measured

/// What the refiner selects, in pixels. The network sees pictures padded to whole cells.
inline constexpr int cell = 4;

/// The width or height that the network sees.
constexpr int padded_size(int size)
{
	return (size + cell - 1) / cell * cell;
}

} // namespace matting
