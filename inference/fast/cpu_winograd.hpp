// SPDX-License-Identifier: GPL-2.0-or-later
// Note [Fewer multiplications]
// A 3x3 convolution of stride 1 can make 4x4 pixels from a window of 6x6 with 36 multiplications for each pair of
// channels instead of 144: Winograd's F(4x4, 3x3) (Lavin & Gray 2015). Windows and weights are transformed, so that the
// sum over channels is one matrix product for each of the 36 positions in a window; its results are transformed back.
// The usual points (0, 1, -1, 2, -2, infinity) make rounding errors three times as large as those of plain sums; 0,
// +-3/4, +-3/2 and infinity leave them as they are.
//
// A convolution with dilation d is d * d convolutions without, each of every d-th row and column: a tile's pixels lie d
// apart, and so do a window's.
//
// Transformed weights take four times the memory, and longer to read than to make anew. So they are kept only where there are
// few of them; others are transformed whenever they are used, a part at a time that stays in the cache.
#pragma once

#include "cpu_convolution.hpp"
#include "cpu_maps.hpp"

#include <algorithm>

namespace matting::cpu {

/// One convolution of a frame.
struct WinogradWork {
	const PackedLayer &layer;
	const std::vector<TilePlace> &tiles;
	const MapView *upsampled; ///< null: there is only `in`
	const MapView &in, &out;
	const MapView *add;
	const std::vector<Tap> rows, columns; ///< from `upsampled`
};

/// Transformed windows, [position][tile][channel].
struct WinogradWindows {
	float *data;
	std::ptrdiff_t plane;
	int channels;
};

/// Of the tiles from `first` on; `data` is where the first of them goes. `region` is working memory.
void transform_windows(const WinogradWork &work, int first, int count, const WinogradWindows &windows, float *region);
/// Only some channels, where nothing is upsampled.
void transform_windows(const WinogradWork &work, int first, int count, const WinogradWindows &windows, int channel,
		       int channels);
/// What `region` must hold.
size_t region_floats(int tiles);

} // namespace matting::cpu
