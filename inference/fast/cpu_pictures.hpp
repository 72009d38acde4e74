// SPDX-License-Identifier: GPL-2.0-or-later
// Between pictures of bytes and the network's maps, on the CPU.
#pragma once

#include "cpu_maps.hpp"

namespace matting::cpu {

/// A picture with its margin: pixel (y, x) may lie up to picture_margin outside.
struct StoredView {
	const uint8_t *data;
	int height, width;
	std::ptrdiff_t row;

	explicit StoredView(const Map &stored)
		: data(stored.data), height(stored.height), width(stored.width), row(stored.row)
	{
	}
	const uint8_t *at(int y, int x) const { return data + y * row + 4 * x; }
};

/// What of the pixels (y, x) to (y, x + count) lies in the frame; count 0: nothing.
OutputSpan output_span(const Output &output, const StoredView &source, int y, int x, int count);

void store_picture(const Picture &picture, const Map &stored);
void downsample(const Kernels &kernels, const StoredView &picture, const MapView &out);

/// The coarse result, upsampled, where `mask` (H / 4, W / 4) is 0.
void compose(const Kernels &kernels, const MapView &coarse, const StoredView &source, const uint8_t *mask,
	     const Output &output);

void show(View view, const MapView &coarse, const uint8_t *mask, const Picture &result);

/// Calls visit(first, last) for every run of cells in a row that are of that kind: of a mask, 1 where it is set.
template<typename Visitor> void for_each_run(const uint8_t *cells, int count, uint8_t kind, const Visitor &visit)
{
	for (int first = 0; first < count;) {
		if (cells[first] != kind) {
			first++;
			continue;
		}
		int last = first + 1;
		while (last < count && cells[last] == kind)
			last++;
		visit(first, last);
		first = last;
	}
}

} // namespace matting::cpu
