// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_maps.hpp"

#include "cpu_parallel.hpp"
#include "cpu_vector.hpp"

#include <algorithm>

namespace matting::cpu {
namespace {

MATTING_VECTORISED void add_row(const float *in, int count, float *sums)
{
	for (int i = 0; i < count; i++)
		sums[i] += in[i];
}

MATTING_VECTORISED void max_row(const float *in, int count, float *highest)
{
	for (int i = 0; i < count; i++)
		highest[i] = in[i] > highest[i] ? in[i] : highest[i];
}

struct BilinearPixel {
	const float *upper_left, *upper_right, *lower_left, *lower_right;
	float right, lower; // shares
};

MATTING_VECTORISED void mix(const BilinearPixel &p, int channels, float *out)
{
	const float left = 1 - p.right, upper = 1 - p.lower;
	for (int c = 0; c < channels; c++)
		out[c] = upper * (left * p.upper_left[c] + p.right * p.upper_right[c]) +
			 p.lower * (left * p.lower_left[c] + p.right * p.lower_right[c]);
}

constexpr int64_t rows_per_task = 4;

template<typename RowTask> void parallel_rows(int height, const RowTask &task)
{
	parallel((height + rows_per_task - 1) / rows_per_task, [&](int64_t block, int) {
		const int first = static_cast<int>(block * rows_per_task);
		for (int y = first; y < std::min<int>(height, first + rows_per_task); y++)
			task(y);
	});
}

} // namespace

std::vector<Tap> bilinear_taps(int in_size, int out_size)
{
	std::vector<Tap> taps(out_size);
	const float scale = static_cast<float>(in_size) / static_cast<float>(out_size);
	for (int i = 0; i < out_size; i++) {
		const float at = std::max(0.0f, (static_cast<float>(i) + 0.5f) * scale - 0.5f);
		const int first = std::min(static_cast<int>(at), in_size - 1);
		taps[i] = {first, std::min(first + 1, in_size - 1),
			   std::clamp(at - static_cast<float>(first), 0.0f, 1.0f)};
	}
	return taps;
}

void max_pool(const MapView &in, const MapView &out)
{
	parallel_rows(out.height, [&](int y) {
		for (int x = 0; x < out.width; x++) {
			float *to = out.at(y, x);
			std::copy_n(in.at(2 * y, 2 * x), out.channels, to);
			for (int in_y = std::max(0, 2 * y - 1); in_y < std::min(in.height, 2 * y + 2); in_y++)
				for (int in_x = std::max(0, 2 * x - 1); in_x < std::min(in.width, 2 * x + 2); in_x++)
					max_row(in.at(in_y, in_x), out.channels, to);
		}
	});
}

void average(const MapView &in, const MapView &out)
{
	std::vector<double> sums(in.channels, 0.0);
	std::vector<float> row(in.channels);
	for (int y = 0; y < in.height; y++) {
		std::fill(row.begin(), row.end(), 0.0f);
		for (int x = 0; x < in.width; x++)
			add_row(in.at(y, x), in.channels, row.data());
		for (int c = 0; c < in.channels; c++)
			sums[c] += row[c];
	}
	for (int c = 0; c < in.channels; c++)
		out.data[c] = static_cast<float>(sums[c] / (in.height * in.width));
}

void upsample(const MapView &in, const MapView &out)
{
	const auto columns = bilinear_taps(in.width, out.width), rows = bilinear_taps(in.height, out.height);
	parallel_rows(out.height, [&](int y) {
		const Tap &row = rows[y];
		for (int x = 0; x < out.width; x++) {
			const Tap &column = columns[x];
			mix({in.at(row.first, column.first), in.at(row.first, column.second),
			     in.at(row.second, column.first), in.at(row.second, column.second), column.share,
			     row.share},
			    in.channels, out.at(y, x));
		}
	});
}

} // namespace matting::cpu
