// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_convolution.hpp"

#include "inference/parallel.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace matting::cpu {
namespace {

// Note [Order of a convolution]
// A block of output rows and a panel of output channels is computed chunk by chunk of the taps and input channels, a
// chunk's weights and the block's sums small enough for the second-level cache together; for most layers one chunk is
// all. The sums of earlier chunks are read back from the output.
constexpr int weights_in_cache = 192 << 10; // bytes
constexpr int sums_in_cache = 128 << 10;    // bytes
constexpr int pixels_per_row = 128;         // of a 1x1 convolution, whose rows do not matter
constexpr int few_rows = 64;
// Input channels times taps. With no more, a tile is done before the lines that the next one adds and writes have come,
// unless they are asked for.
constexpr int short_sum = 256;

/// A layer's taps as they lie in memory, each of so many channels.
struct Window {
	int rows, columns, channels, padding;
};

struct Chunk {
	int first_tap, last_tap; // one behind
	int first_channel, channels;
};

template<typename Action> void for_each_chunk(const Window &window, int panel_width, const Action &action)
{
	const int taps = window.rows * window.columns, channels = window.channels;
	const int fitting = weights_in_cache / (static_cast<int>(sizeof(float)) * panel_width);
	if (channels <= fitting) {
		const int taps_at_once = std::max(1, fitting / channels);
		for (int tap = 0; tap < taps; tap += taps_at_once)
			action(Chunk{tap, std::min(taps, tap + taps_at_once), 0, channels});
		return;
	}
	const int parts = (channels + fitting - 1) / fitting, size = (channels + parts - 1) / parts;
	for (int tap = 0; tap < taps; tap++)
		for (int channel = 0; channel < channels; channel += size)
			action(Chunk{tap, tap + 1, channel, std::min(size, channels - channel)});
}

struct Work {
	const PackedLayer &layer;
	const Window window;
	const MapView &in, &out;
	const MapView *add;
};

// Inlined, because GCC takes a function that does nothing else for one without effects and drops its calls.
[[gnu::always_inline]] inline void prefetch(const float *from, std::ptrdiff_t step, int pixels, int channels)
{
	constexpr int line = 64 / sizeof(float);
	for (int p = 0; p < pixels; p++, from += step)
		for (int channel = 0; channel < channels; channel += line)
			__builtin_prefetch(from + channel);
}

class RowTiles {
public:
	RowTiles(const Work &work, size_t panel, const Chunk &chunk, bool is_first, bool is_last)
		: work_(work), panel_(panel), chunk_(chunk), is_first_(is_first), is_last_(is_last),
		  sums_are_short_(work.layer.in * work.layer.kernel * work.layer.kernel <= short_sum)
	{
		const Panel &p = work.layer.packed.panels[panel];
		tile_.bias = is_first ? work.layer.bias.data() + p.first : nothing.zeros;
		tile_.low = is_last ? work.layer.low.data() + p.first : nothing.low;
		tile_.high = is_last ? work.layer.high.data() + p.first : nothing.high;
	}

	void compute(int y)
	{
		const Panel &panel = work_.layer.packed.panels[panel_];
		const TileTable &tiles = work_.layer.kernels.tiles;
		const int step = even_step(work_.out.width, tiles.pixels[panel.vectors - 1]);
		tile_.ends_in_octet = panel.ends_in_octet;
		for (int x = 0; x < work_.out.width; x += step) {
			const int pixels = std::min(step, work_.out.width - x);
			gather(y, x, pixels);
			if (count_ == 0 && !is_first_ && !is_last_)
				continue;
			const MapView *add = is_first_ ? work_.add : &work_.out;
			tile_.segments = segments_.data();
			tile_.segment_count = count_;
			tile_.add = add ? add->at(y, x) + panel.first : nullptr;
			tile_.add_step = add ? add->pixel : 0;
			tile_.out = work_.out.at(y, x) + panel.first;
			tile_.out_step = work_.out.pixel;
			if (sums_are_short_ && x + step < work_.out.width) {
				const int next_pixels = std::min(step, work_.out.width - x - step);
				const int channels = panel.vectors * work_.layer.kernels.lanes;
				prefetch(tile_.out + step * tile_.out_step, tile_.out_step, next_pixels, channels);
				if (add)
					prefetch(tile_.add + step * tile_.add_step, tile_.add_step, next_pixels,
						 channels);
			}
			tiles.functions[panel.vectors - 1][pixels - 1](tile_);
		}
	}

private:
	// The inputs of the chunk's taps, without those that lie outside for all of the pixels.
	void gather(int y, int x, int pixels)
	{
		const PackedLayer &layer = work_.layer;
		const Window &window = work_.window;
		count_ = 0;
		for (int tap = chunk_.first_tap; tap < chunk_.last_tap; tap++) {
			const int in_y = y * layer.stride - window.padding + tap / window.columns * layer.dilation;
			if (in_y < 0 || in_y >= work_.in.height)
				continue;
			const int shift = tap % window.columns * layer.dilation - window.padding;
			const int first_x = x * layer.stride + shift;
			const int last_x = first_x + (pixels - 1) * layer.stride;
			if (last_x < 0 || first_x >= work_.in.width)
				continue;
			Segment &segment = segments_[count_++];
			segment.weights =
				layer.packed.row(panel_, int64_t{1} * tap * window.channels + chunk_.first_channel);
			segment.count = chunk_.channels;
			const float *row = work_.in.at(in_y, 0) + chunk_.first_channel;
			for (int p = 0; p < pixels; p++) {
				const int in_x = first_x + p * layer.stride;
				segment.inputs[p] = in_x >= 0 && in_x < work_.in.width ? row + in_x * work_.in.pixel
										       : work_.layer.outside.data();
			}
		}
	}

	static constexpr int max_taps = 49; // 7x7

	const Work &work_;
	const size_t panel_;
	const Chunk chunk_;
	const bool is_first_, is_last_, sums_are_short_;
	Tile tile_{};
	std::array<Segment, max_taps> segments_;
	int count_ = 0;
};

void compute_block(const Work &work, size_t panel, int first_row, int last_row)
{
	const PackedLayer &layer = work.layer;
	const Window &window = work.window;
	for_each_chunk(window, layer.packed.panels[panel].vectors * layer.kernels.lanes, [&](const Chunk &chunk) {
		const bool is_first = chunk.first_tap == 0 && chunk.first_channel == 0;
		const bool is_last = chunk.last_tap == window.rows * window.columns &&
				     chunk.first_channel + chunk.channels == window.channels;
		RowTiles tiles(work, panel, chunk, is_first, is_last);
		for (int y = first_row; y < last_row; y++)
			tiles.compute(y);
	});
}

// A 1x1 convolution sees no rows: they are cut anew, so that tiles fit.
MapView recut(const MapView &map, int width)
{
	MapView cut = map;
	const int pixels = map.height * map.width;
	cut.height = (pixels + width - 1) / width;
	cut.width = width;
	cut.row = width * map.pixel;
	return cut;
}

// Of few channels: a sum over one tap's would be too short. Pixels without gaps and with zeros around the picture, so that
// the taps of a row are one.
bool has_rows_packed(const PackedLayer &layer)
{
	return layer.in <= octet && layer.kernel > 1 && layer.dilation == 1;
}

MapView pack_rows(const PackedLayer &layer, const MapView &in, Scratch &scratch)
{
	constexpr int rows_per_task = 8;
	const int channels = layer.in, margin = layer.padding;
	MapView packed = in;
	packed.height = in.height + 2 * margin;
	packed.width = in.width + 2 * margin;
	packed.channels = layer.kernel * channels;
	packed.pixel = channels;
	packed.row = packed.width * packed.pixel;
	packed.data = scratch.shared(size_t{1} * packed.height * packed.row);
	parallel_rows(packed.height, rows_per_task, [&](int y) {
		float *to = packed.at(y, 0);
		if (y < margin || y >= in.height + margin) {
			std::fill_n(to, packed.row, 0.0f);
			return;
		}
		to = std::fill_n(to, margin * channels, 0.0f);
		const float *from = in.at(y - margin, 0);
		for (int x = 0; x < in.width; x++, from += in.pixel)
			for (int c = 0; c < channels; c++)
				*to++ = from[c];
		std::fill_n(to, margin * channels, 0.0f);
	});
	return packed;
}

} // namespace

void convolve_directly(const PackedLayer &layer, MapView in, MapView out, const MapView *add, Scratch &scratch)
{
	Window window{layer.kernel, layer.kernel, layer.in, layer.padding};
	if (has_rows_packed(layer)) {
		in = pack_rows(layer, in, scratch);
		window = {layer.kernel, 1, in.channels, 0};
	}
	int last_width = out.width;
	std::optional<MapView> cut_add;
	if (layer.kernel == 1 && layer.stride == 1) {
		const int pixels = out.height * out.width, width = std::min(pixels, pixels_per_row);
		last_width = pixels - (pixels - 1) / width * width;
		in = recut(in, width);
		out = recut(out, width);
		if (add)
			add = &cut_add.emplace(recut(*add, width));
	}
	const Work work{layer, window, in, out, add};
	const size_t row_bytes = sizeof(float) * layer.kernels.lanes * max_vectors * out.width;
	const int rows_in_cache = std::max(1, static_cast<int>(sums_in_cache / row_bytes));
	const int threads = thread_count(), tasks = threads == 1 ? 1 : 2 * threads; // if there is that much
	const int panels = static_cast<int>(layer.packed.panels.size());

	const auto compute = [&](int panel, int first, int last) {
		if (last < out.height || last_width == out.width)
			return compute_block(work, panel, first, last);
		compute_block(work, panel, first, last - 1);
		MapView rest = out;
		rest.width = last_width;
		compute_block({layer, window, in, rest, add}, panel, last - 1, last);
	};
	// Few rows: then a task is of one panel, whose weights no other thread needs, or of a part of its rows where there are
	// few panels as well.
	if (out.height <= few_rows && (panels >= 2 * threads || out.height < 2 * tasks)) {
		const int parts = std::min(out.height, (tasks + panels - 1) / panels);
		parallel(int64_t{1} * panels * parts, [&](int64_t task, int) {
			const int part = static_cast<int>(task % parts), end = out.height * (part + 1) / parts;
			for (int row = out.height * part / parts; row < end; row += rows_in_cache)
				compute(static_cast<int>(task / parts), row, std::min(end, row + rows_in_cache));
		});
		return;
	}
	const int rows = std::clamp(out.height / tasks, 1, rows_in_cache);
	parallel((out.height + rows - 1) / rows, [&](int64_t block, int) {
		const int first = static_cast<int>(block) * rows;
		for (int panel = 0; panel < panels; panel++)
			compute(panel, first, std::min(out.height, first + rows));
	});
}

} // namespace matting::cpu
