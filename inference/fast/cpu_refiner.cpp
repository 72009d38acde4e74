// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_refiner.hpp"

#include "cpu_refiner_rows.hpp"

#include "inference/parallel.hpp"

#include <algorithm>

namespace matting::cpu {

/// One thread's rows.
class RefinerStreams::Stream {
public:
	Stream(int width, int coarse_width)
		: mixed_(size_t(coarse_width) * coarse_step), input_(input_step, width / 2),
		  first_(first_step, width / 2), second_(second_step, width / 2), colours_(colour_step, width),
		  third_(third_step, width), fourth_(size_t(width) * fourth_step)
	{
	}

	struct Frame {
		const PackedRefiner &refiner;
		const MapView &coarse;
		const StoredView &source, &background;
		const uint8_t *mask;
		const Output &output;
		std::vector<Tap> rows, columns; // from coarse to half resolution
	};

	/// All cells of the rows of cells from `first` to before `last`.
	void run(const Frame &frame, int first, int last)
	{
		frame_ = &frame;
		first_cell_row_ = first;
		last_cell_row_ = last;
		cells_ = frame.source.width / cell;
		needed_.resize(cells_);
		for (RowRing *ring : {&input_, &first_, &second_, &colours_, &third_})
			ring->forget();
		for (int y = first * cell; y < last * cell; y++)
			compute_output(y);
	}

private:
	// Calls visit(begin, end) for the pixels of row y, of a stage with `unit` pixels to a cell, that lie no
	// further than `reach` from a selected cell.
	template<typename Visitor> void for_each_span(int y, int unit, int reach, const Visitor &visit)
	{
		const auto floor_divide = [unit](int value) {
			return value >= 0 ? value / unit : -((unit - 1 - value) / unit);
		};
		const int first = std::max(first_cell_row_, floor_divide(y - reach)); // its last row is the nearest
		const int last = std::min(last_cell_row_ - 1, floor_divide(y + reach));
		if (first > last)
			return;
		const uint8_t *cells = frame_->mask + size_t(first) * cells_;
		if (last > first) {
			std::copy_n(cells, cells_, needed_.data());
			for (int row = first + 1; row <= last; row++)
				for (int i = 0; i < cells_; i++)
					needed_[i] |= frame_->mask[size_t(row) * cells_ + i];
			cells = needed_.data();
		}
		int begin = 0, end = -1000;
		for_each_run(cells, cells_, 1, [&](int first_cell, int last_cell) {
			const int run_begin = first_cell * unit - reach;
			if (run_begin > end) {
				if (end > begin)
					visit(begin, end);
				begin = run_begin;
			}
			end = last_cell * unit + reach;
		});
		if (end > begin)
			visit(begin, end);
	}

	/// What the first pixel of a span reads of one row, and how far the next pixel's is from that.
	struct Input {
		const float *row;
		int step, length;
	};

	template<size_t count>
	void compute_span(const PackedRefiner::Stage &stage, const std::array<Input, count> &inputs, float *out,
			  int out_step, int pixels)
	{
		const TileTable &tiles = frame_->refiner.kernels.tiles;
		for (size_t index = 0; index < stage.packed.panels.size(); index++) {
			const Panel &panel = stage.packed.panels[index];
			std::array<Segment, count> segments;
			for (size_t i = 0, row = 0; i < count; row += inputs[i++].length) {
				segments[i].weights = stage.packed.row(index, static_cast<int64_t>(row));
				segments[i].count = inputs[i].length;
			}
			Tile tile{.segments = segments.data(),
				  .segment_count = count,
				  .bias = stage.bias.data() + panel.first,
				  .low = stage.low.data() + panel.first,
				  .high = stage.high.data() + panel.first,
				  .add = nullptr,
				  .add_step = 0,
				  .out = nullptr,
				  .out_step = out_step,
				  .ends_in_octet = panel.ends_in_octet};
			const int step = even_step(pixels, tiles.pixels[panel.vectors - 1]);
			for (int x = 0; x < pixels; x += step) {
				const int tile_width = std::min(step, pixels - x);
				for (size_t i = 0; i < count; i++)
					for (int p = 0; p < tile_width; p++)
						segments[i].inputs[p] = inputs[i].row + (x + p) * inputs[i].step;
				tile.out = out + x * out_step + panel.first;
				tiles.functions[panel.vectors - 1][tile_width - 1](tile);
			}
		}
	}

	void need_input(int y)
	{
		if (!input_.take(y))
			return;
		const int height = frame_->source.height / 2, width = frame_->source.width / 2;
		for_each_span(y, cell / 2, input_reach, [&](int begin, int end) {
			const int first = std::clamp(begin, 0, width), last = std::clamp(end, 0, width);
			const bool is_outside = y < 0 || y >= height;
			const int left_end = is_outside ? end : first, right_begin = is_outside ? end : last;
			std::fill(input_.at(y, begin), input_.at(y, left_end), 0.0f);
			std::fill(input_.at(y, right_begin), input_.at(y, end), 0.0f);
			if (is_outside || first == last)
				return;
			const Tap &row = frame_->rows[y];
			const Tap *columns = frame_->columns.data();
			const int coarse_first = columns[first].first, coarse_last = columns[last - 1].second + 1;
			const Kernels &kernels = frame_->refiner.kernels;
			kernels.mix_rows(frame_->coarse.at(row.first, coarse_first),
					 frame_->coarse.at(row.second, coarse_first), row.share,
					 (coarse_last - coarse_first) * coarse_step,
					 mixed_.data() + coarse_first * coarse_step);
			kernels.mix_coarse_columns(mixed_.data(), columns + first, last - first, input_.at(y, first));
			float *colours = input_.at(y, first) + input_colours;
			for (const StoredView *picture : {&frame_->source, &frame_->background}) {
				kernels.halve_colours(picture->at(2 * y, 2 * first), picture->at(2 * y + 1, 2 * first),
						      last - first, colours);
				colours += 3;
			}
		});
	}

	// A 3x3 window over rows whose pixels lie side by side: three pieces.
	static std::array<Input, 3> window(RowRing &ring, int step, int y, int x)
	{
		std::array<Input, 3> inputs;
		for (int k = 0; k < 3; k++)
			inputs[k] = {ring.at(y - 1 + k, x - 1), step, 3 * step};
		return inputs;
	}

	void need_first(int y)
	{
		if (!first_.take(y))
			return;
		for (int k = -1; k <= 1; k++)
			need_input(y + k);
		for_each_span(y, cell / 2, 2, [&](int begin, int end) {
			compute_span(frame_->refiner.first, window(input_, input_step, y, begin), first_.at(y, begin),
				     first_step, end - begin);
		});
	}

	void need_second(int y)
	{
		if (!second_.take(y))
			return;
		for (int k = -1; k <= 1; k++)
			need_first(y + k);
		for_each_span(y, cell / 2, 1, [&](int begin, int end) {
			compute_span(frame_->refiner.second, window(first_, first_step, y, begin), second_.at(y, begin),
				     second_step, end - begin);
		});
	}

	void need_colours(int y)
	{
		if (!colours_.take(y))
			return;
		for_each_span(y, cell, 2, [&](int begin, int end) {
			frame_->refiner.kernels.unpack_colours(frame_->source.at(y, begin),
							       frame_->background.at(y, begin), end - begin,
							       colours_.at(y, begin));
		});
	}

	void need_third(int y)
	{
		if (!third_.take(y))
			return;
		const int half_y = (y - 1) >> 1; // the upper of the two rows of second_ in the window
		for (int k = 0; k < 2; k++)
			need_second(half_y + k);
		for (int k = -1; k <= 1; k++)
			need_colours(y + k);
		for_each_span(y, cell, 1, [&](int begin, int end) {
			for (int x = begin; x < begin + 2; x++) { // every other pixel is of the same parity
				const int half_x = (x - 1) >> 1;
				std::array<Input, 5> inputs;
				for (int k = 0; k < 2; k++)
					inputs[k] = {second_.at(half_y + k, half_x), second_step, 2 * second_step};
				for (int k = 0; k < 3; k++)
					inputs[2 + k] = {colours_.at(y - 1 + k, x - 1), 2 * colour_step,
							 3 * colour_step};
				compute_span(frame_->refiner.third[y & 1][x & 1], inputs, third_.at(y, x),
					     2 * third_step, (end - x + 1) / 2);
			}
		});
	}

	void compute_output(int y)
	{
		for_each_span(y, cell, 0, [&](int begin, int end) {
			for (int k = -1; k <= 1; k++)
				need_third(y + k);
			std::array<Input, 9> inputs;
			for (int tap = 0; tap < 9; tap++)
				inputs[tap] = {third_.at(y - 1 + tap / 3, begin - 1 + tap % 3), third_step,
					       third_channels};
			compute_span(frame_->refiner.fourth, inputs, fourth_.data(), fourth_step, end - begin);
			frame_->refiner.kernels.finish_span(
				fourth_.data(), fourth_step,
				output_span(frame_->output, frame_->source, y, begin, end - begin));
		});
	}

	const Frame *frame_ = nullptr;
	int first_cell_row_ = 0, last_cell_row_ = 0, cells_ = 0;
	std::vector<uint8_t> needed_;
	Floats mixed_; // one row of the coarse result
	RowRing input_, first_, second_, colours_, third_;
	Floats fourth_; // one row
};

namespace {

// Bands of rows of cells with about as many selected cells in each.
std::vector<int> split_into_bands(const uint8_t *mask, int height, int width, int bands)
{
	std::vector<int64_t> selected(height + 1, 0);
	for (int y = 0; y < height; y++)
		selected[y + 1] = selected[y] + std::count(mask + size_t(y) * width, mask + size_t(y + 1) * width, 1);
	std::vector<int> edges;
	for (int band = 0; band <= bands; band++) {
		const int64_t before = selected[height] * band / bands;
		edges.push_back(static_cast<int>(std::lower_bound(selected.begin(), selected.end(), before) -
						 selected.begin()));
	}
	edges.back() = height;
	return edges;
}

} // namespace

RefinerStreams::RefinerStreams() = default;
RefinerStreams::~RefinerStreams() = default;

void RefinerStreams::refine(const PackedRefiner &refiner, const MapView &coarse, const StoredView &source,
			    const StoredView &background, const uint8_t *mask, const Output &output)
{
	const int height = source.height / cell, width = source.width / cell;
	const int threads = thread_count();
	if (width_ != source.width || coarse_width_ != coarse.width || streams_.size() < size_t(threads)) {
		streams_.clear();
		for (int i = 0; i < threads; i++)
			streams_.push_back(std::make_unique<Stream>(source.width, coarse.width));
		width_ = source.width;
		coarse_width_ = coarse.width;
	}
	const int bands = std::min(threads == 1 ? 1 : 2 * threads, height);
	const auto edges = split_into_bands(mask, height, width, bands);
	const Stream::Frame frame{refiner,
				  coarse,
				  source,
				  background,
				  mask,
				  output,
				  bilinear_taps(coarse.height, source.height / 2),
				  bilinear_taps(coarse.width, source.width / 2)};
	parallel(bands, [&](int64_t band, int thread) { streams_[thread]->run(frame, edges[band], edges[band + 1]); });
}

} // namespace matting::cpu
