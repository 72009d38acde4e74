// SPDX-License-Identifier: GPL-2.0-or-later
// Rows of the pictures' cells of 4x4 pixels, of which edges are solved.
#pragma once

#include "cpu_edges.hpp"

#include "inference/matting.hpp"

#include <algorithm>
#include <cstring>

namespace matting::cpu {

inline constexpr int cell_size = 4;

inline EdgeRows rows_of(const Picture &source, const Picture &plate, const Picture &result, int cell_row)
{
	EdgeRows rows{};
	for (int i = 0; i < cell_size; i++) {
		const int y = std::min(cell_size * cell_row + i, result.height - 1);
		rows.source[i] = source.pixels + y * source.pitch;
		rows.plate[i] = plate.pixels + y * plate.pitch;
		rows.matte[i] = result.pixels + y * result.pitch;
	}
	return rows;
}

/// A last cell that is no whole one, as one: what lacks is as the last column.
class LastCell {
public:
	LastCell(const EdgeRows &rows, int cell, int width)
	{
		for (int i = 0; i < cell_size; i++) {
			rows_.source[i] = copy(rows.source[i], cell, width, bytes_[0][i]);
			rows_.plate[i] = copy(rows.plate[i], cell, width, bytes_[1][i]);
			rows_.matte[i] = copy(rows.matte[i], cell, width, bytes_[2][i]);
		}
	}
	const EdgeRows &rows() const { return rows_; }

private:
	static const uint8_t *copy(const uint8_t *row, int cell, int width, uint8_t *to)
	{
		for (int x = 0; x < cell_size; x++)
			std::memcpy(to + 4 * x, row + 4 * std::min(cell_size * cell + x, width - 1), 4);
		return to;
	}

	uint8_t bytes_[3][cell_size][4 * cell_size];
	EdgeRows rows_;
};

} // namespace matting::cpu
