// SPDX-License-Identifier: GPL-2.0-or-later
// Which cells of 4x4 pixels the refiner computes again (paper, section 4.2).
#include "cpu_refiner.hpp"

#include "inference/parallel.hpp"

#include <algorithm>
#include <bit>

namespace matting::cpu {
namespace {

// The expected error of each cell.
void resample(const MapView &error, int height, int width, float *out)
{
	const auto columns = bilinear_taps(error.width, width), rows = bilinear_taps(error.height, height);
	parallel(height, [&](int64_t y, int) {
		const Tap &row = rows[y];
		float *to = out + y * width;
		for (int x = 0; x < width; x++) {
			const Tap &column = columns[x];
			const auto mix = [&](int in_y) {
				return (1 - column.share) * *error.at(in_y, column.first) +
				       column.share * *error.at(in_y, column.second);
			};
			to[x] = (1 - row.share) * mix(row.first) + row.share * mix(row.second);
		}
	});
}

// Floats from 0 up are ordered as their bits are. Finds the bits of the count-th highest, in two passes over halves of
// the word, and how many of those equal to it belong to the highest.
struct Cut {
	uint32_t bits;
	int64_t equals;
};

Cut find_cut(const std::vector<float> &errors, int64_t count)
{
	constexpr int half = 16;
	uint32_t prefix = 0;
	std::vector<int32_t> histogram;
	for (const int shift : {half, 0}) {
		histogram.assign(size_t{1} << half, 0);
		for (const float error : errors) {
			const auto bits = std::bit_cast<uint32_t>(error);
			if (shift == half || bits >> half == prefix >> half)
				histogram[bits >> shift & 0xFFFF]++;
		}
		uint32_t bucket = 0xFFFF;
		for (; count > histogram[bucket] && bucket > 0; bucket--)
			count -= histogram[bucket];
		prefix |= bucket << shift;
	}
	return {prefix, count};
}

void select_highest(const std::vector<float> &errors, int64_t count, bool only_positive, uint8_t *mask)
{
	std::fill_n(mask, errors.size(), uint8_t{0});
	if (count == 0)
		return;
	Cut cut = find_cut(errors, count);
	for (size_t i = 0; i < errors.size(); i++) {
		const auto bits = std::bit_cast<uint32_t>(errors[i]);
		const bool is_high = bits > cut.bits || (bits == cut.bits && cut.equals-- > 0);
		mask[i] = is_high && !(only_positive && !(errors[i] > 0));
	}
}

} // namespace

void select(const MapView &error, const Options &options, int height, int width, std::vector<float> &errors,
	    uint8_t *mask)
{
	const int64_t cells = int64_t{height} * width;
	if (options.refine_mode == RefineMode::full) {
		std::fill_n(mask, cells, uint8_t{1});
		return;
	}
	errors.resize(cells);
	resample(error, height, width, errors.data());
	if (options.refine_mode == RefineMode::thresholding) {
		const auto threshold = static_cast<float>(options.refine_threshold);
		std::transform(errors.begin(), errors.end(), mask, [=](float value) { return value > threshold; });
		return;
	}
	select_highest(errors, std::clamp<int64_t>(options.refine_sample_pixels / 16, 0, cells),
		       options.refine_prevent_oversampling, mask);
}

std::vector<TilePlace> tiles_near(const Map &mask, int height, int width)
{
	constexpr int unit = cell / 2, tile = winograd::tile; // pixels of the refiner's input to a cell
	const auto rows = bilinear_taps(height, mask.height * unit), columns = bilinear_taps(width, mask.width * unit);
	const auto first = [](const std::vector<Tap> &taps, int cell) {
		return taps[std::max(0, cell * unit - input_reach)].first / tile;
	};
	const auto last = [](const std::vector<Tap> &taps, int cell) {
		return taps[std::min(static_cast<int>(taps.size()), (cell + 1) * unit + input_reach) - 1].second / tile;
	};
	const int across = (width + tile - 1) / tile, down = (height + tile - 1) / tile;
	std::vector<uint8_t> is_near(size_t{1} * across * down);
	for (int y = 0; y < mask.height; y++)
		for_each_run(mask.data + y * mask.row, mask.width, 1, [&](int begin, int end) {
			const int left = first(columns, begin), right = last(columns, end - 1);
			for (int row = first(rows, y); row <= last(rows, y); row++)
				std::fill_n(&is_near[row * across + left], right - left + 1, uint8_t{1});
		});
	std::vector<TilePlace> tiles;
	for (int i = 0; i < across * down; i++)
		if (is_near[i])
			tiles.push_back({i / across * tile, i % across * tile});
	return tiles;
}

} // namespace matting::cpu
