// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_refiner_rows.hpp"

namespace matting::cpu {

MATTING_VECTORISED void mix_coarse_rows(const float *upper, const float *lower, float share, int count, float *out)
{
	for (int i = 0; i < count; i += lanes)
		store(out + i, load(upper + i) * (1 - share) + load(lower + i) * share);
}

MATTING_VECTORISED void mix_coarse_columns(const float *row, const Tap *columns, int count, float *out)
{
	for (int i = 0; i < count; i++, out += input_step) {
		const float *left = row + columns[i].first * coarse_step,
			    *right = row + columns[i].second * coarse_step;
		const float share = columns[i].share;
		for (int c = 0; c < coarse_step; c += lanes)
			store(out + c, load(left + c) * (1 - share) + load(right + c) * share);
	}
}

MATTING_VECTORISED void halve_colours(const uint8_t *upper, const uint8_t *lower, int count, float *out)
{
	for (int i = 0; i < count; i++, upper += 8, lower += 8, out += input_step) {
		const Pixel mean =
			(load_colour(upper) + load_colour(upper + 4) + load_colour(lower) + load_colour(lower + 4)) *
			0.25f;
		out[0] = mean[1];
		out[1] = mean[2];
		out[2] = mean[3];
	}
}

MATTING_VECTORISED void unpack_colours(const uint8_t *source, const uint8_t *background, int count, float *out)
{
	for (int i = 0; i < count; i++, source += 4, background += 4, out += colour_step) {
		const Pixel front = load_colour(source), back = load_colour(background);
		out[0] = front[1], out[1] = front[2], out[2] = front[3];
		out[3] = back[1], out[4] = back[2], out[5] = back[3];
	}
}

} // namespace matting::cpu
