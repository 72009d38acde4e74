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

std::ptrdiff_t plane(int tiles, int channels)
{
	return std::ptrdiff_t{1} * tiles * channels + line;
}

int window_channels(const PackedLayer &layer)
{
	return round_up(layer.in, line) | line; // nor may tiles
}

WinogradWindows windows_in(float *memory, const PackedLayer &layer, int tiles)
{
	const int channels = window_channels(layer);
	return {memory, plane(tiles, channels), channels};
}

size_t window_floats(const PackedLayer &layer, int tiles)
{
	return positions * plane(tiles, window_channels(layer));
}

constexpr int sums_step = max_lanes * max_vectors;

size_t sums_floats(int tiles)
{
	return positions * plane(tiles, sums_step);
}

/// sums: [position][tile][sums_step].
void multiply(const PackedLayer &layer, size_t index, const WinogradWindows &windows, int count, float *sums)
{
	const Panel &panel = layer.packed.panels[index];
	const TileTable &tiles = layer.kernels.tiles;
	const int step = even_step(count, tiles.pixels[panel.vectors - 1]);
	Segment segment;
	segment.count = layer.in;
	Tile tile{.segments = &segment,
		  .segment_count = 1,
		  .bias = nothing.zeros,
		  .low = nothing.low,
		  .high = nothing.high,
		  .add = nullptr,
		  .add_step = 0,
		  .out = nullptr,
		  .out_step = sums_step,
		  .ends_in_octet = false};
	for (int position = 0; position < positions; position++) {
		const float *inputs = windows.data + position * windows.plane;
		segment.weights = layer.packed.row(index, int64_t{1} * position * layer.in);
		for (int i = 0; i < count; i += step) {
			const int pixels = std::min(step, count - i);
			for (int p = 0; p < pixels; p++)
				segment.inputs[p] = inputs + (i + p) * windows.channels;
			tile.out = sums + position * plane(count, sums_step) + i * sums_step;
			tiles.functions[panel.vectors - 1][pixels - 1](tile);
		}
	}
}

void write(const WinogradWork &work, size_t index, int first, int count, const float *sums)
{
	const PackedLayer &layer = work.layer;
	const Panel &panel = layer.packed.panels[index];
	const MapView &out = work.out;
	for (int i = 0; i < count; i++) {
		const int y = work.tiles.y(first + i), x = work.tiles.x(first + i);
		layer.kernels.winograd_output({.in = sums + i * sums_step,
					       .plane = plane(count, sums_step),
					       .bias = layer.bias.data() + panel.first,
					       .low = layer.low.data() + panel.first,
					       .high = layer.high.data() + panel.first,
					       .add = work.add ? work.add->at(y, x) + panel.first : nullptr,
					       .add_row = work.add ? work.add->row : 0,
					       .add_pixel = work.add ? work.add->pixel : 0,
					       .out = out.at(y, x) + panel.first,
					       .row = out.row,
					       .pixel = out.pixel,
					       .height = std::min(tile, out.height - y),
					       .width = std::min(tile, out.width - x),
					       .channels = std::min(panel.vectors * layer.kernels.lanes,
								    padded_channels(layer.channels) - panel.first)});
	}
}

void convolve_blocks(const WinogradWork &work, int at_once, Scratch &scratch)
{
	const PackedLayer &layer = work.layer;
	const int all = work.tiles.all();
	const size_t sums_at = window_floats(layer, at_once), region_at = sums_at + sums_floats(at_once);
	scratch.reserve(thread_count(), region_at + region_floats(at_once));
	parallel((all + at_once - 1) / at_once, [&](int64_t block, int thread) {
		float *const memory = scratch.of(thread);
		const int first = static_cast<int>(block) * at_once, count = std::min(at_once, all - first);
		const WinogradWindows windows = windows_in(memory, layer, count);
		transform_windows(work, first, count, windows, memory + region_at);
		for (size_t panel = 0; panel < layer.packed.panels.size(); panel++) {
			multiply(layer, panel, windows, count, memory + sums_at);
			write(work, panel, first, count, memory + sums_at);
		}
	});
}

void convolve_panels(const WinogradWork &work, Scratch &scratch)
{
	const PackedLayer &layer = work.layer;
	const int all = work.tiles.all(), at_once = even_step(all, most_shared);
	const WinogradWindows windows = windows_in(scratch.shared(window_floats(layer, all)), layer, all);
	scratch.reserve(thread_count(), std::max(sums_floats(at_once), region_floats(shared_step)));
	const auto from = [&](int tile) {
		return WinogradWindows{windows.data + tile * windows.channels, windows.plane, windows.channels};
	};
	parallel((all + shared_step - 1) / shared_step, [&](int64_t task, int thread) {
		const int first = static_cast<int>(task) * shared_step;
		transform_windows(work, first, std::min(shared_step, all - first), from(first), scratch.of(thread));
	});
	const int parts = (all + at_once - 1) / at_once;
	parallel(static_cast<int64_t>(layer.packed.panels.size()) * parts, [&](int64_t task, int thread) {
		const int first = static_cast<int>(task % parts) * at_once, count = std::min(at_once, all - first);
		const auto panel = static_cast<size_t>(task / parts);
		multiply(layer, panel, from(first), count, scratch.of(thread));
		write(work, panel, first, count, scratch.of(thread));
	});
}

} // namespace

std::array<float, winograd::positions> transformed(const float *weights)
{
	constexpr double aa = double{a} * a, bb = double{b} * b;
	constexpr double norm_a = 2 * aa * (aa - bb), norm_b = 2 * bb * (bb - aa);
	constexpr std::array points{0.0, double{a}, -double{a}, double{b}, -double{b}};
	constexpr std::array norms{aa * bb, norm_a, norm_a, norm_b, norm_b};
	std::array<std::array<double, 3>, window> rows{};
	for (size_t i = 0; i < points.size(); i++)
		rows[i] = {1 / norms[i], points[i] / norms[i], points[i] * points[i] / norms[i]};
	rows[window - 1] = {0, 0, 1};
	std::array<float, positions> values;
	for (int i = 0; i < positions; i++) {
		double sum = 0;
		for (int tap = 0; tap < 9; tap++)
			sum += rows[i / window][tap / 3] * rows[i % window][tap % 3] * double{weights[tap]};
		values[i] = static_cast<float>(sum);
	}
	return values;
}

void convolve_transformed(const PackedLayer &layer, const MapView *upsampled, const MapView &in, const MapView &out,
			  const MapView *add, Scratch &scratch)
{
	const WinogradWork work{layer,
				upsampled,
				in,
				out,
				add,
				Tiles(out),
				upsampled ? bilinear_taps(upsampled->height, out.height) : std::vector<Tap>(),
				upsampled ? bilinear_taps(upsampled->width, out.width) : std::vector<Tap>()};
	const int all = work.tiles.all(), threads = thread_count();
	const auto fitting = static_cast<int>(windows_in_cache / sizeof(float) / window_floats(layer, 1));
	const int at_once = even_step(all, std::clamp(fitting, 1, most_tiles));
	if (all > at_once * 2 * threads)
		convolve_blocks(work, at_once, scratch);
	else
		convolve_panels(work, scratch);
}

} // namespace matting::cpu
