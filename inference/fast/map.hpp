// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers in a device's memory, and what all devices hold to.
#pragma once

#include "inference/sizes.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace matting {

/// (H, W, C), channels last: a feature map, a picture or a mask. Rows and pixels may be further apart than what they
/// hold, so that several layers write side by side what others read as one. Never more than a view: what `data` points
/// to is the device's.
struct Map {
	uint8_t *data = nullptr;
	int element = 0; ///< bytes of a number
	int height = 0, width = 0, channels = 0;
	std::ptrdiff_t row = 0, pixel = 0;  ///< from one to the next, in numbers
	std::shared_ptr<const void> memory; ///< lives as long as this; null: borrowed

	bool defined() const { return data != nullptr; }
	int64_t count() const { return int64_t{1} * height * width * channels; }
	template<typename Number> Number *as() const { return reinterpret_cast<Number *>(data); }

	Map narrow(int first, int count) const
	{
		Map part = *this;
		part.data += std::ptrdiff_t{1} * first * element;
		part.channels = count;
		return part;
	}
	/// Its one pixel, wherever it is looked at.
	Map expand(int to_height, int to_width) const
	{
		Map everywhere = *this;
		everywhere.height = to_height;
		everywhere.width = to_width;
		everywhere.row = everywhere.pixel = 0;
		return everywhere;
	}
	Map borrowed() const
	{
		Map map = *this;
		map.memory.reset();
		return map;
	}
};

/// The channels of the coarse result (paper, section 4.1).
namespace coarse {
inline constexpr int alpha = 0, foreground = 1, error = 4, hidden = 5, channels = 37;
}

/// Zeros around a stored picture, in pixels: the refiner looks beyond the edge, 6 pixels where it sees half of them.
inline constexpr int picture_margin = 8;

} // namespace matting
