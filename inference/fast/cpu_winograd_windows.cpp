// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_winograd.hpp"

#include <algorithm>

namespace matting::cpu {
namespace {

using namespace winograd;

constexpr int channels_at_once = 64; // of what is upsampled

/// The pixels that some tiles, side by side, see, upsampled.
struct Region {
	float *data;
	int first_y, first_x, columns;
};

void fill(const WinogradWork &work, const Region &region, int channel, int channels)
{
	for (int i = 0; i < window; i++) {
		const int y = region.first_y + i;
		if (y < 0 || y >= work.out.height)
			continue;
		const Tap &row = work.rows[y];
		const int end = std::min(region.columns, work.out.width - region.first_x);
		for (int j = std::max(0, -region.first_x); j < end; j++) {
			const Tap &column = work.columns[region.first_x + j];
			const auto from = [&](int in_y, int in_x) {
				return work.upsampled->at(in_y, in_x) + channel;
			};
			work.layer.kernels.mix_pixel({from(row.first, column.first), from(row.first, column.second),
						      from(row.second, column.first), from(row.second, column.second),
						      column.share, row.share},
						     channels,
						     region.data + (i * region.columns + j) * channels_at_once);
		}
	}
}

/// pixel(y, x) is where the channels of a pixel inside begin.
template<typename Pixel>
void transform(const WinogradWork &work, int index, int channels, float *out, std::ptrdiff_t plane, const Pixel &pixel)
{
	const int step = work.layer.dilation;
	const int first_y = work.tiles[index].y - step, first_x = work.tiles[index].x - step;
	const int last_y = first_y + (window - 1) * step, last_x = first_x + (window - 1) * step;
	WinogradInput input;
	if (first_y >= 0 && first_x >= 0 && last_y < work.out.height && last_x < work.out.width) {
		const float *row = pixel(first_y, first_x);
		const std::ptrdiff_t across = pixel(first_y, first_x + step) - row,
				     down = pixel(first_y + step, first_x) - row;
		for (int y = 0; y < window; y++, row += down)
			for (int x = 0; x < window; x++)
				input.pixels[y * window + x] = row + x * across;
	} else {
		for (int i = 0; i < positions; i++) {
			const int y = first_y + i / window * step, x = first_x + i % window * step;
			const bool is_inside = y >= 0 && y < work.out.height && x >= 0 && x < work.out.width;
			input.pixels[i] = is_inside ? pixel(y, x) : work.layer.outside.data();
		}
	}
	input.channels = padded_channels(channels);
	input.out = out;
	input.plane = plane;
	work.layer.kernels.winograd_input(input);
}

/// Of `count` tiles from `first` on, how many lie side by side.
int side_by_side(const std::vector<TilePlace> &tiles, int first, int count)
{
	int i = 1;
	while (i < count && tiles[first + i].y == tiles[first].y && tiles[first + i].x == tiles[first].x + i * tile)
		i++;
	return i;
}

/// Of tiles side by side.
void transform_upsampled(const WinogradWork &work, int first, int count, const WinogradWindows &windows, float *memory)
{
	const Region region{memory, work.tiles[first].y - 1, work.tiles[first].x - 1, count * tile + window - tile};
	const auto pixel = [&](int y, int x) {
		return region.data + ((y - region.first_y) * region.columns + x - region.first_x) * channels_at_once;
	};
	for (int channel = 0; channel < work.upsampled->channels; channel += channels_at_once) {
		const int channels = std::min(channels_at_once, work.upsampled->channels - channel);
		fill(work, region, channel, channels);
		for (int i = 0; i < count; i++)
			transform(work, first + i, channels, windows.data + i * windows.channels + channel,
				  windows.plane, pixel);
	}
}

} // namespace

size_t region_floats(int tiles)
{
	return size_t{1} * window * (tiles * tile + window - tile) * channels_at_once;
}

void transform_windows(const WinogradWork &work, int first, int count, const WinogradWindows &windows, float *region)
{
	const int before = work.upsampled ? work.upsampled->channels : 0;
	const auto from = [&](int i) {
		return WinogradWindows{windows.data + i * windows.channels, windows.plane, windows.channels};
	};
	for (int i = 0, tiles; work.upsampled && i < count; i += tiles) {
		tiles = side_by_side(work.tiles, first + i, count - i);
		transform_upsampled(work, first + i, tiles, from(i), region);
	}
	transform_windows(work, first, count, {windows.data + before, windows.plane, windows.channels}, 0,
			  work.in.channels);
}

void transform_windows(const WinogradWork &work, int first, int count, const WinogradWindows &windows, int channel,
		       int channels)
{
	for (int i = 0; i < count; i++)
		transform(work, first + i, channels, windows.data + i * windows.channels, windows.plane,
			  [&](int y, int x) { return work.in.at(y, x) + channel; });
}

} // namespace matting::cpu
