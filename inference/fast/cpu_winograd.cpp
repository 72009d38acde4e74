// SPDX-License-Identifier: GPL-2.0-or-later
// Note [Order of a transformed convolution]
// Where a picture has many tiles, each thread takes blocks of them, with all that is made of them. Where it has few, each
// would read all weights for little; so first all windows are transformed, and then each thread takes panels of its own.
#include "cpu_winograd.hpp"

#include "inference/parallel.hpp"

#include <algorithm>
#include <array>

namespace matting::cpu {
namespace {

using namespace winograd;

constexpr size_t windows_in_cache = 1 << 20; // bytes
constexpr int most_tiles = 28;               // in a block: more do not spare much reading of weights
constexpr int most_shared = 56;              // whose sums of one panel a thread has at once, of few
constexpr int shared_step = 4;               // of few, in a task
constexpr int line = 16;                     // floats: planes must not lie whole pages apart
constexpr int block_channels = 64;        // whose weights are transformed at once: they and the sums are in the cache
constexpr size_t most_windows = 16 << 20; // bytes, of few tiles at once

std::ptrdiff_t plane(int tiles, int channels)
{
	return std::ptrdiff_t{1} * tiles * channels + line;
}

/// Input channels are multiplied in blocks where weights are transformed when used.
int blocks(const PackedLayer &layer)
{
	return layer.is_transformed ? 1 : (layer.in + block_channels - 1) / block_channels;
}

int window_channels(const PackedLayer &layer)
{
	return layer.is_transformed ? round_up(layer.in, octet) | octet : block_channels; // nor may tiles
}

size_t window_floats(const PackedLayer &layer, int tiles)
{
	return blocks(layer) * positions * plane(tiles, window_channels(layer));
}

/// Of the first block.
WinogradWindows windows_in(float *memory, const PackedLayer &layer, int tiles)
{
	const int channels = window_channels(layer);
	return {memory, plane(tiles, channels), channels};
}

WinogradWindows part(const WinogradWindows &windows, int block, int tile)
{
	return {windows.data + block * positions * windows.plane + tile * windows.channels, windows.plane,
		windows.channels};
}

int sums_step(const PackedLayer &layer)
{
	return layer.kernels.lanes * max_vectors;
}

size_t sums_floats(const PackedLayer &layer, int tiles)
{
	return positions * plane(tiles, sums_step(layer));
}

/// Planes of a panel's transformed weights in working memory.
std::ptrdiff_t weight_plane(int width)
{
	return plane(block_channels, width);
}

size_t weight_floats(const PackedLayer &layer)
{
	return layer.is_transformed ? 0 : positions * weight_plane(layer.kernels.lanes * max_vectors);
}

/// A panel's transformed weights for a block of input channels: position by position.
struct PanelWeights {
	const float *data;
	std::ptrdiff_t plane;
};

PanelWeights weights_of(const PackedLayer &layer, size_t index, int channel, int channels, float *memory)
{
	const int width = layer.packed.panels[index].vectors * layer.kernels.lanes;
	const std::ptrdiff_t all = std::ptrdiff_t{1} * layer.in * width;
	const float *packed = layer.packed.row(index, channel);
	if (layer.is_transformed)
		return {packed, all};
	layer.kernels.winograd_weights({.in = packed,
					.tap_step = all,
					.count = channels * width,
					.out = memory,
					.plane = weight_plane(width)});
	return {memory, weight_plane(width)};
}

/// sums: [position][tile][sums_step]. `memory` is for weight_floats.
void multiply(const PackedLayer &layer, size_t index, const WinogradWindows &windows, int count, float *sums,
	      float *memory)
{
	const Panel &panel = layer.packed.panels[index];
	const TileTable &tiles = layer.kernels.tiles;
	const int step = even_step(count, tiles.pixels[panel.vectors - 1]);
	const int at_once = layer.is_transformed ? layer.in : block_channels;
	Segment segment;
	Tile tile{.segments = &segment,
		  .segment_count = 1,
		  .bias = nothing.zeros,
		  .low = nothing.low,
		  .high = nothing.high,
		  .add = nullptr,
		  .add_step = sums_step(layer),
		  .out = nullptr,
		  .out_step = sums_step(layer),
		  .ends_in_octet = false};
	for (int block = 0; block < blocks(layer); block++) {
		const int channel = block * at_once;
		segment.count = std::min(at_once, layer.in - channel);
		const float *const first = part(windows, block, 0).data;
		const PanelWeights weights = weights_of(layer, index, channel, segment.count, memory);
		for (int position = 0; position < positions; position++) {
			const float *inputs = first + position * windows.plane;
			segment.weights = weights.data + position * weights.plane;
			for (int i = 0; i < count; i += step) {
				const int pixels = std::min(step, count - i);
				for (int p = 0; p < pixels; p++)
					segment.inputs[p] = inputs + (i + p) * windows.channels;
				tile.out = sums + position * plane(count, sums_step(layer)) + i * sums_step(layer);
				tile.add = block > 0 ? tile.out : nullptr;
				tiles.functions[panel.vectors - 1][pixels - 1](tile);
			}
		}
	}
}

void write(const WinogradWork &work, size_t index, int first, int count, const float *sums)
{
	const PackedLayer &layer = work.layer;
	const Panel &panel = layer.packed.panels[index];
	const MapView &out = work.out;
	const int dilation = layer.dilation;
	const auto inside = [dilation](int from, int size) {
		return std::min(tile, (size - from + dilation - 1) / dilation);
	};
	for (int i = 0; i < count; i++) {
		const auto [y, x] = work.tiles[first + i];
		layer.kernels.winograd_output({.in = sums + i * sums_step(layer),
					       .plane = plane(count, sums_step(layer)),
					       .bias = layer.bias.data() + panel.first,
					       .low = layer.low.data() + panel.first,
					       .high = layer.high.data() + panel.first,
					       .add = work.add ? work.add->at(y, x) + panel.first : nullptr,
					       .add_row = work.add ? work.add->row * dilation : 0,
					       .add_pixel = work.add ? work.add->pixel * dilation : 0,
					       .out = out.at(y, x) + panel.first,
					       .row = out.row * dilation,
					       .pixel = out.pixel * dilation,
					       .height = inside(y, out.height),
					       .width = inside(x, out.width),
					       .channels = std::min(panel.vectors * layer.kernels.lanes,
								    padded_channels(layer.channels) - panel.first)});
	}
}

void convolve_blocks(const WinogradWork &work, int at_once, Scratch &scratch)
{
	const PackedLayer &layer = work.layer;
	const int all = static_cast<int>(work.tiles.size());
	const size_t sums_at = window_floats(layer, at_once), region_at = sums_at + sums_floats(layer, at_once);
	scratch.reserve(thread_count(), region_at + region_floats(at_once));
	parallel((all + at_once - 1) / at_once, [&](int64_t block, int thread) {
		float *const memory = scratch.of(thread);
		const int first = static_cast<int>(block) * at_once, count = std::min(at_once, all - first);
		const WinogradWindows windows = windows_in(memory, layer, count);
		transform_windows(work, first, count, windows, memory + region_at);
		for (size_t panel = 0; panel < layer.packed.panels.size(); panel++) {
			multiply(layer, panel, windows, count, memory + sums_at, nullptr);
			write(work, panel, first, count, memory + sums_at);
		}
	});
}

// `all` tiles, from `start` on.
void convolve_panels(const WinogradWork &work, int start, int all, Scratch &scratch)
{
	const PackedLayer &layer = work.layer;
	const int at_once = even_step(all, most_shared);
	const WinogradWindows windows = windows_in(scratch.shared(window_floats(layer, all)), layer, all);
	const size_t sums_at = weight_floats(layer);
	scratch.reserve(thread_count(), std::max(sums_at + sums_floats(layer, at_once), region_floats(shared_step)));
	const int tasks = (all + shared_step - 1) / shared_step;
	parallel(int64_t{1} * blocks(layer) * tasks, [&](int64_t task, int thread) {
		const int block = static_cast<int>(task / tasks), first = static_cast<int>(task % tasks) * shared_step;
		const int count = std::min(shared_step, all - first), channel = block * block_channels;
		if (layer.is_transformed)
			transform_windows(work, start + first, count, part(windows, 0, first), scratch.of(thread));
		else
			transform_windows(work, start + first, count, part(windows, block, first), channel,
					  std::min(block_channels, layer.in - channel));
	});
	const int parts = (all + at_once - 1) / at_once;
	parallel(static_cast<int64_t>(layer.packed.panels.size()) * parts, [&](int64_t task, int thread) {
		const int first = static_cast<int>(task % parts) * at_once, count = std::min(at_once, all - first);
		const auto panel = static_cast<size_t>(task / parts);
		float *const memory = scratch.of(thread), *const sums = memory + sums_at;
		multiply(layer, panel, part(windows, 0, first), count, sums, memory);
		write(work, panel, start + first, count, sums);
	});
}

} // namespace

void convolve_transformed(const PackedLayer &layer, const std::vector<TilePlace> &tiles, const MapView *upsampled,
			  const MapView &in, const MapView &out, const MapView *add, Scratch &scratch)
{
	const WinogradWork work{layer,
				tiles,
				upsampled,
				in,
				out,
				add,
				upsampled ? bilinear_taps(upsampled->height, out.height) : std::vector<Tap>(),
				upsampled ? bilinear_taps(upsampled->width, out.width) : std::vector<Tap>()};
	if (tiles.empty())
		return;
	const int all = static_cast<int>(tiles.size()), threads = thread_count();
	const auto fitting = static_cast<int>(windows_in_cache / sizeof(float) / window_floats(layer, 1));
	const int at_once = even_step(all, std::clamp(fitting, 1, most_tiles));
	if (layer.is_transformed && all > at_once * 2 * threads)
		return convolve_blocks(work, at_once, scratch);
	const auto shared = static_cast<int>(most_windows / sizeof(float) / window_floats(layer, 1));
	const int together = even_step(all, std::max(shared, most_shared));
	for (int first = 0; first < all; first += together)
		convolve_panels(work, first, std::min(together, all - first), scratch);
}

} // namespace matting::cpu
