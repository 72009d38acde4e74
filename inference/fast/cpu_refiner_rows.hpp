// SPDX-License-Identifier: GPL-2.0-or-later
// The rows that the refiner's stages hand on, and what fills the first of them.
#pragma once

#include "cpu_pictures.hpp"

#include <array>
#include <utility>
#include <vector>

namespace matting::cpu {

inline constexpr int coarse_step = 40;                 // floats of a coarse pixel: 37 channels and 3 that are zero
inline constexpr int colour_step = 6;                  // red, green, blue of the source, then of the background
inline constexpr int input_colours = coarse::channels; // where they lie in a pixel of input_
inline constexpr int input_step = 44;                  // 37 + 6, and one that is zero
inline constexpr int first_step = 24, second_step = 16, third_step = 16, third_channels = 12, fourth_step = 8;
inline constexpr int margin = 8; // pixels that rows have room for at either side

/// The last rows of one stage. Row y is in slot y mod 4: each stage reads at most three rows of the one before.
class RowRing {
public:
	RowRing(int step, int width) : step_(step), row_(static_cast<std::ptrdiff_t>(step) * (width + 2 * margin))
	{
		data_.resize(rows * row_ + lanes, 0.0f);
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
	std::vector<float> data_;
	std::array<int, rows> held_;
};

/// Two rows of the coarse result, `count` floats, `share` of the lower.
void mix_coarse_rows(const float *upper, const float *lower, float share, int count, float *out);
/// `count` pixels of half the resolution out of a mixed row.
void mix_coarse_columns(const float *row, const Tap *columns, int count, float *out);
/// The mean of 2x2 pixels: what bilinear resampling to half the size gives.
void halve_colours(const uint8_t *upper, const uint8_t *lower, int count, float *out);
/// RGBA8 to `colour_step` floats a pixel.
void unpack_colours(const uint8_t *source, const uint8_t *background, int count, float *out);

} // namespace matting::cpu
