// SPDX-License-Identifier: GPL-2.0-or-later
// The rows that the refiner's stages hand on.
#pragma once

#include "cpu_pictures.hpp"

#include <array>
#include <utility>
#include <vector>

namespace matting::cpu {

inline constexpr int input_colours = coarse::channels; // where they lie in a pixel of input_
inline constexpr int first_step = 24, second_step = 16, third_step = 16, third_channels = 12, fourth_step = 8;
inline constexpr int margin = 8; // pixels that rows have room for at either side

/// The last rows of one stage. Row y is in slot y mod 4: each stage reads at most three rows of the one before.
class RowRing {
public:
	RowRing(int step, int width) : step_(step), row_(static_cast<std::ptrdiff_t>(step) * (width + 2 * margin))
	{
		data_.resize(rows * row_ + max_lanes, 0.0f);
	}
	void forget() { held_.fill(no_row); }
	/// Whether row y is still to be computed; from now on it counts as there.
	bool take(int y) { return std::exchange(held_[slot(y)], y) != y; }
	float *at(int y, int x) { return data_.data() + slot(y) * row_ + (x + margin) * step_; }

private:
	static constexpr int rows = 4, no_row = -1000;
	static int slot(int y) { return (y + rows * margin) % rows; }

	int step_;
	std::ptrdiff_t row_;
	Floats data_;
	std::array<int, rows> held_;
};

} // namespace matting::cpu
