// SPDX-License-Identifier: GPL-2.0-or-later
// Note [Fewer multiplications]
// A 3x3 convolution of stride 1 can make 4x4 pixels from a window of 6x6 with 36 multiplications for each pair of
// channels instead of 144: Winograd's F(4x4, 3x3) (Lavin & Gray 2015). Windows and weights are transformed, so that the
// sum over channels is one matrix product for each of the 36 positions in a window; its results are transformed back.
// The usual points (0, 1, -1, 2, -2, infinity) make rounding errors three times as large as those of plain sums; 0,
// +-3/4, +-3/2 and infinity leave them as they are.
#pragma once

#include "cpu_convolution.hpp"
#include "cpu_maps.hpp"

namespace matting::cpu {

/// Where the tiles of a picture lie.
struct Tiles {
	const int rows, columns;

	explicit Tiles(const MapView &out) : rows(count(out.height)), columns(count(out.width)) {}
	int all() const { return rows * columns; }
	/// Its first output pixel.
	int y(int index) const { return index / columns * winograd::tile; }
	int x(int index) const { return index % columns * winograd::tile; }

private:
	static int count(int size) { return (size + winograd::tile - 1) / winograd::tile; }
};

/// One convolution of a frame.
struct WinogradWork {
	const PackedLayer &layer;
	const MapView *upsampled; ///< null: there is only `in`
	const MapView &in, &out;
	const MapView *add;
	const Tiles tiles;
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
/// What `region` must hold.
size_t region_floats(int tiles);

} // namespace matting::cpu
