// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_pictures.hpp"

#include "inference/parallel.hpp"

#include <algorithm>
#include <cstring>

namespace matting::cpu {

OutputSpan output_span(const Output &output, const StoredView &source, int y, int x, int count)
{
	const Picture &picture = output.picture;
	OutputSpan span{nullptr, nullptr, source.at(y, x), output.keeps_alpha, 0};
	if (y >= picture.height)
		return span;
	span.count = std::clamp(picture.width - x, 0, count);
	if (output.exact.defined())
		span.exact = output.exact.as<float>() + 4 * (static_cast<std::ptrdiff_t>(y) * picture.width + x);
	else
		span.bytes = picture.pixels + y * picture.pitch + 4 * x;
	return span;
}

void store_picture(const Picture &picture, const Map &stored)
{
	const int width = stored.width, height = stored.height;
	constexpr int together = 64;
	parallel_rows(height, together, [&](int y) {
		const uint8_t *from = picture.pixels + std::min(y, picture.height - 1) * picture.pitch;
		uint8_t *to = stored.data + y * stored.row;
		std::memcpy(to, from, size_t{4} * picture.width);
		for (int x = picture.width; x < width; x++)
			std::memcpy(to + 4 * x, from + 4 * (picture.width - 1), 4);
	});
}

void downsample(const Kernels &kernels, const StoredView &picture, const MapView &out)
{
	const auto columns = bilinear_taps(picture.width, out.width), rows = bilinear_taps(picture.height, out.height);
	parallel(out.height, [&](int64_t y, int) {
		const Tap &row = rows[y];
		kernels.downsample_row(picture.at(row.first, 0), picture.at(row.second, 0), row.share, columns.data(),
				       out.width, static_cast<int>(out.pixel), out.at(static_cast<int>(y), 0));
	});
}

namespace {

enum Kind : uint8_t { mixed, refined, unseen };

/// How a row of cells is composed. A cell is unseen where its alpha is 0 as a byte: nothing of it, and so no colour either.
struct CellKinds {
	std::vector<float> highest; // alpha of the coarse columns
	std::vector<uint8_t> kinds;

	void find(const MapView &coarse, const Tap *rows, const std::vector<Tap> &columns, const uint8_t *mask)
	{
		constexpr float least_seen = 0.0019f; // 0.5 / 255 and a little less
		highest.assign(coarse.width, 0);
		for (int y = rows[0].first; y <= rows[cell - 1].second; y++) {
			const float *alpha = coarse.at(y, 0);
			for (int x = 0; x < coarse.width; x++)
				highest[x] = std::max(highest[x], alpha[x * coarse.pixel]);
		}
		kinds.resize(columns.size() / cell);
		for (size_t i = 0; i < kinds.size(); i++) {
			float most = 0;
			for (int x = columns[cell * i].first; x <= columns[cell * i + cell - 1].second; x++)
				most = std::max(most, highest[x]);
			kinds[i] = mask[i] ? refined : most < least_seen ? unseen : mixed;
		}
	}
};

} // namespace

void compose(const Kernels &kernels, const MapView &coarse, const StoredView &source, const uint8_t *mask,
	     const Output &output)
{
	const auto columns = bilinear_taps(coarse.width, source.width);
	const auto rows = bilinear_taps(coarse.height, source.height);
	const int cells = source.width / cell;
	const size_t row_size = size_t{4} * coarse.width;
	std::vector<float> mixed_rows(row_size * thread_count());
	const bool hides = output.keeps_alpha && !output.exact.defined();
	std::vector<CellKinds> kinds_of_threads(thread_count());
	parallel(source.height / cell, [&](int64_t cell_row, int thread) {
		float *mixed_row = mixed_rows.data() + row_size * thread;
		const uint8_t *kinds = mask + cell_row * cells;
		if (hides) {
			CellKinds &found = kinds_of_threads[thread];
			found.find(coarse, rows.data() + cell_row * cell, columns, kinds);
			kinds = found.kinds.data();
		}
		for (int y = static_cast<int>(cell_row) * cell; y < (cell_row + 1) * cell; y++) {
			const Tap &row = rows[y];
			kernels.gather_row(coarse.at(row.first, 0), coarse.at(row.second, 0), row.share,
					   static_cast<int>(coarse.pixel), coarse.width, mixed_row);
			const auto span = [&](int first, int last) {
				return output_span(output, source, y, first * cell, (last - first) * cell);
			};
			for_each_run(kinds, cells, mixed, [&](int first, int last) {
				kernels.compose_span(mixed_row, columns.data() + first * cell, span(first, last));
			});
			for_each_run(kinds, cells, unseen, [&](int first, int last) {
				if (const OutputSpan to = span(first, last); to.count > 0)
					std::memset(to.bytes, 0, size_t{4} * to.count);
			});
		}
	});
}

void show(View view, const MapView &coarse, const uint8_t *mask, const Picture &result)
{
	const int height = padded_size(result.height), width = padded_size(result.width);
	const auto columns = bilinear_taps(coarse.width, width), rows = bilinear_taps(coarse.height, height);
	constexpr int error_channel = matting::coarse::error;
	const auto grey = [&](int y, int x, const uint8_t *pixel) -> uint8_t {
		if (view == View::alpha)
			return pixel[3];
		if (view == View::refined)
			return mask[y / cell * (width / cell) + x / cell] ? 255 : 0;
		const auto error = [&](int in_y) {
			return (1 - columns[x].share) * coarse.at(in_y, columns[x].first)[error_channel] +
			       columns[x].share * coarse.at(in_y, columns[x].second)[error_channel];
		};
		const float mixed = (1 - rows[y].share) * error(rows[y].first) + rows[y].share * error(rows[y].second);
		return static_cast<uint8_t>(mixed * 255 + 0.5f);
	};
	parallel(result.height, [&](int64_t y, int) {
		uint8_t *pixel = result.pixels + y * result.pitch;
		for (int x = 0; x < result.width; x++, pixel += 4) {
			if (view != View::foreground)
				std::fill_n(pixel, 3, grey(static_cast<int>(y), x, pixel));
			pixel[3] = 255;
		}
	});
}

} // namespace matting::cpu
