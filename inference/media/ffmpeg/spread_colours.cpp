// SPDX-License-Identifier: GPL-2.0-or-later
#include "spread_colours.hpp"

#include <cstdint>
#include <cstring>
#include <vector>

extern "C" {
#include <libavutil/frame.h>
}

namespace matting {
namespace {

constexpr int reach = 4; // what halving the chroma by a bicubic filter looks at

uint32_t load(const uint8_t *pixel)
{
	uint32_t value;
	std::memcpy(&value, pixel, sizeof value);
	return value;
}

constexpr uint32_t colour_bits = 0x00ffffff; // RGBA in memory, little-endian

// From the pixels that have a colour to those behind them in the row that have none.
void spread_along(uint8_t *row, int width, int first, int step)
{
	uint32_t colour = 0;
	int left = 0;
	for (int i = 0, x = first; i < width; i++, x += step) {
		const uint32_t pixel = load(row + 4 * x);
		if (pixel != 0) {
			colour = pixel & colour_bits;
			left = reach;
		} else if (left > 0) {
			std::memcpy(row + 4 * x, &colour, sizeof colour);
			left--;
		}
	}
}

// The same from row to row: `ages` says how long ago each column had a colour of its own.
void spread_down(const uint8_t *upper, uint8_t *row, int width, std::vector<int> &ages)
{
	for (int x = 0; x < width; x++) {
		if (load(row + 4 * x) != 0) {
			ages[x] = 0;
		} else if (++ages[x] <= reach) {
			const uint32_t colour = load(upper + 4 * x) & colour_bits;
			std::memcpy(row + 4 * x, &colour, sizeof colour);
		}
	}
}

} // namespace

void spread_colours(AVFrame &frame)
{
	const auto row = [&frame](int y) {
		return frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0];
	};
	for (int y = 0; y < frame.height; y++) {
		spread_along(row(y), frame.width, 0, 1);
		spread_along(row(y), frame.width, frame.width - 1, -1);
	}
	std::vector<int> ages(frame.width, reach);
	for (int y = 1; y < frame.height; y++)
		spread_down(row(y - 1), row(y), frame.width, ages);
	ages.assign(frame.width, reach);
	for (int y = frame.height - 2; y >= 0; y--)
		spread_down(row(y + 1), row(y), frame.width, ages);
}

} // namespace matting
