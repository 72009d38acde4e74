// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_maps.hpp"

#include "inference/parallel.hpp"

#include <algorithm>
#include <array>

namespace matting::cpu {
namespace {

constexpr int rows_per_task = 4;

template<typename RowTask> void parallel_rows(int height, const RowTask &task)
{
	matting::parallel_rows(height, rows_per_task, task);
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

void max_pool(const Kernels &kernels, const MapView &in, const MapView &out)
{
	parallel_rows(out.height, [&](int y) {
		for (int x = 0; x < out.width; x++) {
			float *to = out.at(y, x);
			std::copy_n(in.at(2 * y, 2 * x), padded_channels(out.channels), to);
			for (int in_y = std::max(0, 2 * y - 1); in_y < std::min(in.height, 2 * y + 2); in_y++)
				for (int in_x = std::max(0, 2 * x - 1); in_x < std::min(in.width, 2 * x + 2); in_x++)
					kernels.raise_pixel(in.at(in_y, in_x), padded_channels(out.channels), to);
		}
	});
}

void average(const Kernels &kernels, const MapView &in, const MapView &out)
{
	constexpr int channels_per_task = 64; // whole lines of the cache
	parallel((in.channels + channels_per_task - 1) / channels_per_task, [&](int64_t task, int) {
		const int first = static_cast<int>(task) * channels_per_task;
		const int channels = std::min(channels_per_task, padded_channels(in.channels) - first);
		std::array<double, channels_per_task> sums{};
		for (int y = 0; y < in.height; y++) {
			std::array<float, channels_per_task> row{};
			for (int x = 0; x < in.width; x++)
				kernels.add_pixel(in.at(y, x) + first, channels, row.data());
			for (int c = 0; c < channels; c++)
				sums[c] += row[c];
		}
		for (int c = 0; c < channels; c++)
			out.data[first + c] = static_cast<float>(sums[c] / (in.height * in.width));
	});
}

void upsample(const Kernels &kernels, const MapView &in, const MapView &out)
{
	const auto columns = bilinear_taps(in.width, out.width), rows = bilinear_taps(in.height, out.height);
	parallel_rows(out.height, [&](int y) {
		const Tap &row = rows[y];
		for (int x = 0; x < out.width; x++) {
			const Tap &column = columns[x];
			kernels.mix_pixel({in.at(row.first, column.first), in.at(row.first, column.second),
					   in.at(row.second, column.first), in.at(row.second, column.second),
					   column.share, row.share},
					  padded_channels(in.channels), out.at(y, x));
		}
	});
}

} // namespace matting::cpu
