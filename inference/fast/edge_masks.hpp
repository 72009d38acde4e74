// SPDX-License-Identifier: GPL-2.0-or-later
// Cells of 4x4 pixels that have something in common.
#pragma once

#include "inference/parallel.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace matting {

/// A byte for each cell.
struct Mask {
	int height = 0, width = 0;
	std::vector<uint8_t> cells;

	void resize(int new_height, int new_width)
	{
		height = new_height;
		width = new_width;
		cells.resize(size_t{1} * height * width);
	}
	uint8_t *row(int y) { return cells.data() + size_t{1} * y * width; }
	const uint8_t *row(int y) const { return cells.data() + size_t{1} * y * width; }
};

template<typename Action> void for_rows(int height, const Action &action)
{
	constexpr int together = 8;
	parallel_rows(height, together, action);
}

/// 1 in all cells that have one in the square around them.
class Spreading {
public:
	void spread(const Mask &from, int reach, Mask &to)
	{
		in_rows_.resize(from.height, from.width);
		to.resize(from.height, from.width);
		for_rows(from.height, [&](int y) { spread_row(from.row(y), reach, from.width, in_rows_.row(y)); });
		for_rows(from.height, [&](int y) {
			uint8_t *__restrict out = to.row(y);
			std::fill_n(out, to.width, uint8_t{0});
			for (int i = std::max(y - reach, 0); i <= std::min(y + reach, to.height - 1); i++) {
				const uint8_t *__restrict row = in_rows_.row(i); // so that it is done many at a time
				for (int x = 0, width = to.width; x < width; x++)
					out[x] |= row[x];
			}
		});
	}

private:
	static void spread_row(const uint8_t *from, int reach, int width, uint8_t *to)
	{
		int until = 0; // what has come so far reaches that far
		for (int x = 0; x < std::min(reach, width); x++)
			until = from[x] ? x + reach + 1 : until;
		for (int x = 0; x < width; x++) {
			if (x + reach < width && from[x + reach])
				until = x + 2 * reach + 1;
			to[x] = x < until;
		}
	}

	Mask in_rows_;
};

} // namespace matting
