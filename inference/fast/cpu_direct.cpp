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

struct Chunk {
	int first_tap, last_tap; // one behind
	int first_channel, channels;
};

std::vector<Chunk> split_into_chunks(const PackedLayer &layer, int vectors)
{
	const int taps = layer.kernel * layer.kernel;
	const int fitting = weights_in_cache / (static_cast<int>(sizeof(float)) * layer.kernels.lanes * vectors);
	std::vector<Chunk> chunks;
	if (layer.in <= fitting) {
		const int taps_at_once = std::max(1, fitting / layer.in);
		for (int tap = 0; tap < taps; tap += taps_at_once)
			chunks.push_back({tap, std::min(taps, tap + taps_at_once), 0, layer.in});
		return chunks;
	}
	const int parts = (layer.in + fitting - 1) / fitting, size = (layer.in + parts - 1) / parts;
	for (int tap = 0; tap < taps; tap++)
		for (int channel = 0; channel < layer.in; channel += size)
			chunks.push_back({tap, tap + 1, channel, std::min(size, layer.in - channel)});
	return chunks;
}

struct Work {
	const PackedLayer &layer;
	const MapView &in, &out;
	const MapView *add;
};

class RowTiles {
public:
	RowTiles(const Work &work, size_t panel, const Chunk &chunk, bool is_first, bool is_last)
		: work_(work), panel_(panel), chunk_(chunk), is_first_(is_first), is_last_(is_last)
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
			tiles.functions[panel.vectors - 1][pixels - 1](tile_);
		}
	}

private:
	// The inputs of the chunk's taps, without those that lie outside for all of the pixels.
	void gather(int y, int x, int pixels)
	{
		const PackedLayer &layer = work_.layer;
		count_ = 0;
		for (int tap = chunk_.first_tap; tap < chunk_.last_tap; tap++) {
			const int in_y = y * layer.stride - layer.padding + tap / layer.kernel * layer.dilation;
			if (in_y < 0 || in_y >= work_.in.height)
				continue;
			const int shift = tap % layer.kernel * layer.dilation - layer.padding;
			const int first_x = x * layer.stride + shift;
			const int last_x = first_x + (pixels - 1) * layer.stride;
			if (last_x < 0 || first_x >= work_.in.width)
				continue;
			Segment &segment = segments_[count_++];
			segment.weights = layer.packed.row(panel_, int64_t{1} * tap * layer.in + chunk_.first_channel);
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
	const bool is_first_, is_last_;
	Tile tile_{};
	std::array<Segment, max_taps> segments_;
	int count_ = 0;
};

void compute_block(const Work &work, size_t panel, int first_row, int last_row)
{
	const auto chunks = split_into_chunks(work.layer, work.layer.packed.panels[panel].vectors);
	for (size_t i = 0; i < chunks.size(); i++) {
		RowTiles tiles(work, panel, chunks[i], i == 0, i + 1 == chunks.size());
		for (int y = first_row; y < last_row; y++)
			tiles.compute(y);
	}
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

} // namespace

void convolve_directly(const PackedLayer &layer, MapView in, MapView out, const MapView *add)
{
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
	const Work work{layer, in, out, add};
	const size_t row_bytes = sizeof(float) * layer.kernels.lanes * max_vectors * out.width;
	const int threads = thread_count();
	const int rows_at_once = std::clamp<int>(static_cast<int>(sums_in_cache / row_bytes), 1,
						 std::max(1, out.height / (threads == 1 ? 1 : 2 * threads)));
	// Few rows: then each thread takes panels of its own, whose weights no other needs.
	const bool splits_panels = layer.packed.panels.size() >= 2 * size_t(threads) && out.height <= 64;
	const int rows = splits_panels ? std::max<int>(1, static_cast<int>(sums_in_cache / row_bytes)) : rows_at_once;
	const int64_t blocks = (out.height + rows - 1) / rows,
		      panels = static_cast<int64_t>(layer.packed.panels.size());

	const auto compute = [&](int64_t block, int64_t panel) {
		const int first = static_cast<int>(block) * rows, last = std::min(out.height, first + rows);
		if (last < out.height || last_width == out.width)
			return compute_block(work, panel, first, last);
		compute_block(work, panel, first, last - 1);
		MapView rest = out;
		rest.width = last_width;
		compute_block({layer, in, rest, add}, panel, last - 1, last);
	};
	if (splits_panels)
		parallel(panels, [&](int64_t panel, int) {
			for (int64_t block = 0; block < blocks; block++)
				compute(block, panel);
		});
	else
		parallel(blocks, [&](int64_t block, int) {
			for (int64_t panel = 0; panel < panels; panel++)
				compute(block, panel);
		});
}

} // namespace matting::cpu
