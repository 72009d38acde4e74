// SPDX-License-Identifier: GPL-2.0-or-later
// Note [The plate solves the edge]
// A pixel of the edge is a mixture, I = a F + (1 - a) B. Of a frame I is known, and of its plate B; so where F is known, too, a is
// how far I lies on the way from B to F. F is what the network says, or what the nearest solid pixels have; a is only as good
// as F, as the contrast between F and B, and as the plate. A small network (edge_network.hpp) has learnt from drawn frames
// whom to trust: on each pixel of a band around the edge it corrects the alpha of the large one, by three solutions, by
// how well they explain the picture, and by what lies around.
//
// This is the arithmetic of it, for one cell of 4x4 pixels and for one pixel (`Number` is a float) or a vector of them.
// Whoever includes it has edge_cells.hpp, and says in MATTING_EDGE_FUNCTION what its functions are. It uses nothing of the
// standard library: see Note [One source for every processor].

MATTING_EDGE_FUNCTION int edge_least(int a, int b)
{
	return a < b ? a : b;
}
MATTING_EDGE_FUNCTION int edge_most(int a, int b)
{
	return a > b ? a : b;
}

template<typename Number> MATTING_EDGE_FUNCTION Number edge_bounded(const Number &value, float low, float high)
{
	const Number least = Number{} + low, most = Number{} + high;
	const Number raised = value < least ? least : value;
	return raised > most ? most : raised;
}

/// 0 to 1: a half where it is as large as `scale`.
template<typename Number, typename Scale>
MATTING_EDGE_FUNCTION Number edge_share(const Number &value, const Scale &scale)
{
	return value / (value + scale);
}

MATTING_EDGE_FUNCTION const EdgeCell &edge_cell(const EdgeLevel &level, int y, int x)
{
	return level.cells[edge_least(y, level.height - 1) * level.width + edge_least(x, level.width - 1)];
}

#include "inference/edge_colours.inl"
#include "inference/edge_holes.inl"

/// Of the next level: the mean of four.
MATTING_EDGE_FUNCTION EdgeCell edge_halved(const EdgeLevel &level, int y, int x)
{
	const EdgeCell &a = edge_cell(level, 2 * y, 2 * x), &b = edge_cell(level, 2 * y, 2 * x + 1),
		       &c = edge_cell(level, 2 * y + 1, 2 * x), &d = edge_cell(level, 2 * y + 1, 2 * x + 1);
	EdgeCell mean;
	for (int i = 0; i < EdgeCell::count; i++)
		mean.values[i] = 0.25f * ((a.values[i] + b.values[i]) + (c.values[i] + d.values[i]));
	return mean;
}

MATTING_EDGE_FUNCTION EdgeTap edge_tap(int i, int step, int count)
{
	const float at = (static_cast<float>(i) + 0.5f) / static_cast<float>(step) - 0.5f;
	const int first = at < 0 ? -1 : static_cast<int>(at);
	return {edge_most(first, 0), edge_least(first + 1, count - 1), at - static_cast<float>(first)};
}

/// One value of a coarser level, between its cells.
MATTING_EDGE_FUNCTION float edge_between(const EdgeLevel &level, const EdgeTap &row, const EdgeTap &column, int value)
{
	const EdgeCell *upper = level.cells + row.first * level.width, *lower = level.cells + row.second * level.width;
	const float above = upper[column.first].values[value] * (1 - column.share) +
			    upper[column.second].values[value] * column.share;
	const float below = lower[column.first].values[value] * (1 - column.share) +
			    lower[column.second].values[value] * column.share;
	return above * (1 - row.share) + below * row.share;
}

/// A cell whose sums become means: of itself as far as it has any, and of the coarser level, which is filled already. None is
/// coarser than the last: `coarser` has no cells.
MATTING_EDGE_FUNCTION EdgeCell edge_filled(const EdgeCell &cell, const EdgeLevel &coarser, int y, int x)
{
	const float trust = coarser.cells ? 0.1f : 1e-6f;
	EdgeCell filled = cell;
	const auto fill = [&](int value, float share, const EdgeTap &row, const EdgeTap &column) {
		const float around = coarser.cells ? edge_between(coarser, row, column, value) : 0.0f;
		filled.values[value] = (cell.values[value] + trust * around) * share;
	};
	const float of_solid = 1 / (cell.values[EdgeCell::solid] + trust),
		    of_clear = 1 / (cell.values[EdgeCell::clear] + trust);
	const EdgeTap row = edge_tap(y, 2, coarser.height), column = edge_tap(x, 2, coarser.width);
	for (int value = EdgeCell::red; value < EdgeCell::solid; value++)
		fill(value, of_solid, row, column);
	fill(EdgeCell::fault, of_clear, row, column);
	return filled;
}

/// `levels`: filled ones.
MATTING_EDGE_FUNCTION EdgeLook edge_look(const EdgeLevel *levels, const EdgeSights &sights, int y, int x)
{
	const float *cell = levels[0].cells[y * levels[0].width + x].values;
	EdgeLook look;
	float *to = look.values;
	for (int i = 0; i < 3; i++)
		to[i] = cell[i];
	const float *products = cell + EdgeCell::products;
	const float variance =
		(products[0] + products[3] + products[5]) - (cell[0] * cell[0] + cell[1] * cell[1] + cell[2] * cell[2]);
	to[EdgeLook::variance] = (variance > 0 ? variance : 0) * (1.0f / 3);
	to[EdgeLook::fault] = cell[EdgeCell::fault];
	to[EdgeLook::alpha] = cell[EdgeCell::alpha];
	const auto share_seen = [](float seen, float alpha) {
		return seen / (alpha + 0.02f);
	};
	to[EdgeLook::seen] = share_seen(cell[EdgeCell::seen], cell[EdgeCell::alpha]);
	const auto around = [&](const EdgeLevel &level, int step, int alpha, int solid, int seen) {
		const EdgeTap row = edge_tap(y, step, level.height), column = edge_tap(x, step, level.width);
		to[alpha] = edge_between(level, row, column, EdgeCell::alpha);
		to[solid] = edge_between(level, row, column, EdgeCell::solid);
		to[seen] = share_seen(edge_between(level, row, column, EdgeCell::seen), to[alpha]);
	};
	around(levels[2], 4, EdgeLook::alpha_16, EdgeLook::solid_16, EdgeLook::seen_16);
	around(levels[4], 16, EdgeLook::alpha_64, EdgeLook::solid_64, EdgeLook::seen_64);
	float colours[EdgeCell::solid];
	const EdgeTap row = edge_tap(y, 4, levels[2].height), column = edge_tap(x, 4, levels[2].width);
	for (int i = 0; i < EdgeCell::solid; i++)
		colours[i] = edge_between(levels[2], row, column, i);
	edge_inverse(colours, colours + EdgeCell::products, to + EdgeLook::inverse);
	to[EdgeLook::through] = to[EdgeLook::beside] = 0;
	if (to[EdgeLook::solid_64] > 0) { // a veil over everything is none of holes
		to[EdgeLook::through] = sights.through[y * sights.width + x];
		edge_around(sights, y, x, [&](int at) {
			to[EdgeLook::beside] =
				to[EdgeLook::beside] < sights.through[at] ? sights.through[at] : to[EdgeLook::beside];
		});
	}
	return look;
}

// ---- A pixel, or a vector of them

/// Four features: alpha with that foreground, its contrast, what it leaves unexplained, and the plate's faults by the contrast.
template<typename Number>
MATTING_EDGE_FUNCTION void edge_solution(const EdgePixel<Number> &pixel, const Number (&foreground)[3], Number *to)
{
	Number difference[3], range[3], contrast{}, along{}, left{};
	for (int c = 0; c < 3; c++) {
		difference[c] = pixel.source[c] - pixel.plate[c];
		range[c] = foreground[c] - pixel.plate[c];
		contrast += range[c] * range[c];
		along += difference[c] * range[c];
	}
	to[0] = edge_bounded(along / (contrast + 1e-3f), -0.25f, 1.25f);
	const Number alpha = edge_bounded(to[0], 0.0f, 1.0f);
	for (int c = 0; c < 3; c++) {
		const Number rest = difference[c] - alpha * range[c];
		left += rest * rest;
	}
	to[1] = edge_share(contrast, 0.02f);
	to[2] = edge_share(left, 0.004f);
	to[3] = edge_share(pixel.look[EdgeLook::fault], contrast * 0.1f + 1e-4f);
}

/// How far a pixel shows the plate, 0 to 1: in a hole if it is near it, beside one if it is as good as the same.
template<typename Number>
MATTING_EDGE_FUNCTION Number edge_shown(const EdgePixel<Number> &pixel, const Number &difference)
{
	const Number usual = edge_bounded(pixel.look[EdgeLook::fault] * 8.0f + 4e-4f, 0.0f, 0.0046f);
	const Number times = difference / usual;
	const Number within = pixel.look[EdgeLook::through] * edge_bounded((16.0f - times) * 0.1f, 0.0f, 1.0f),
		     beside = pixel.look[EdgeLook::beside] * edge_bounded((2.0f - times) * (1 / 1.3f), 0.0f, 1.0f);
	return within < beside ? beside : within;
}

/// Returns how far the pixel shows the plate: the first feature is alpha without holes.
template<typename Number> MATTING_EDGE_FUNCTION Number edge_features(const EdgePixel<Number> &pixel, Number *to)
{
	const Number &fault = pixel.look[EdgeLook::fault], &variance = pixel.look[EdgeLook::variance];
	Number around[3], mixed[3], difference{}, distance{}, contrast{};
	for (int c = 0; c < 3; c++) {
		around[c] = pixel.look[c];
		contrast += (around[c] - pixel.plate[c]) * (around[c] - pixel.plate[c]);
		mixed[c] = (around[c] + pixel.own[c]) * 0.5f;
		difference += (pixel.source[c] - pixel.plate[c]) * (pixel.source[c] - pixel.plate[c]);
		distance += (pixel.source[c] - around[c]) * (pixel.source[c] - around[c]);
	}
	const Number shown = edge_shown(pixel, difference);
	to[0] = pixel.alpha * (1.0f - shown);
	to[1] = pixel.look[EdgeLook::alpha];
	to[2] = pixel.look[EdgeLook::alpha_16];
	to[3] = pixel.look[EdgeLook::alpha_64];
	edge_likely_solution(pixel, around, to + 4);
	edge_solution(pixel, pixel.own, to + 8);
	edge_likely_solution(pixel, mixed, to + 12);
	to[16] = edge_share(difference, 0.002f);
	to[17] = edge_share(difference, 0.03f);
	to[18] = edge_share(difference, fault * 4.0f + 1e-4f);
	to[19] = edge_share(distance, variance * 3.0f + 0.003f);
	to[20] = edge_share(variance, 0.01f);
	to[21] = edge_share(fault, 0.002f);
	to[22] = pixel.look[EdgeLook::solid_16];
	to[23] = pixel.look[EdgeLook::solid_64];
	// What has nearly the plate's colour anyway, as black hair before a black cupboard has, shows no gaps by being as the plate is.
	const Number telling = edge_bounded((contrast - 0.004f) * 90.0f, 0.0f, 1.0f);
	for (int i = 0; i < 3; i++)
		to[24 + i] = pixel.look[EdgeLook::seen + i] * telling;
	return shown;
}

#ifdef __CUDACC__
#define MATTING_EDGE_UNROLL _Pragma("unroll")
#else
#define MATTING_EDGE_UNROLL _Pragma("GCC unroll 8")
#endif

template<int inputs, int outputs, typename Number>
MATTING_EDGE_FUNCTION void edge_layer(const Number *in, const float *weights, const float *bias, Number *out)
{
	constexpr int together = 8;
	for (int first = 0; first < outputs; first += together) {
		Number sums[together];
		MATTING_EDGE_UNROLL
		for (int i = 0; i < together; i++)
			sums[i] = Number{} + bias[first + i];
		for (int input = 0; input < inputs; input++) {
			const float *row = weights + input * outputs + first;
			MATTING_EDGE_UNROLL
			for (int i = 0; i < together; i++)
				sums[i] += in[input] * row[i];
		}
		MATTING_EDGE_UNROLL
		for (int i = 0; i < together; i++)
			out[first + i] = sums[i] > Number{} ? sums[i] : Number{};
	}
}

/// Alpha, of the features. `Network` is EdgeNetwork.
template<typename Network, typename Number>
MATTING_EDGE_FUNCTION Number edge_alpha(const Network &network, const Number *features)
{
	Number first[Network::first], second[Network::second];
	edge_layer<Network::features, Network::first>(features, network.first_weights, network.first_bias, first);
	edge_layer<Network::first, Network::second>(first, network.second_weights, network.second_bias, second);
	Number sum = features[0] + network.last_bias;
	for (int i = 0; i < Network::second; i++)
		sum += second[i] * network.last_weights[i];
	// What is nearly clear or solid is meant to be. And stripes of a shirt that have the wall's colour are no holes: the more is
	// solid around, the less alpha falls, but among many gaps.
	const Number solved = edge_bounded((sum - 0.01f) * (1 / 0.98f), 0.0f, 1.0f);
	const Number least = features[0] * edge_bounded((features[3] - 0.65f) * 5.0f, 0.0f, 1.0f) *
			     edge_bounded(1.8f - features[26] * 8.0f, 0.0f, 1.0f);
	// Where nothing around is solid there is no colour to solve with.
	const Number found = solved < least ? least : solved;
	return features[23] > Number{} ? found : features[0];
}

// Note [Noise of the solution]
// Where the foreground's colour is near the plate's, alpha solved of a camera's picture is mostly noise, and flickers. Grains
// and strands differ in that what is said of a strand varies more around it than the camera's noise explains. So of what the
// solution changes, its mean over 5x5 pixels counts as it is, and what differs from that by as much as variance is left when that
// of the noise is taken off (as J. S. Lee's filter does). The plate's faults say what the noise is.

/// Alpha with holes. Half of the strength opens them: there is no doubt about them.
template<typename Number>
MATTING_EDGE_FUNCTION Number edge_opened(const Number &before, const Number &shown, float strength)
{
	return before * (1.0f - shown * (strength < 0.5f ? 2 * strength : 1.0f));
}

/// How alpha with holes changes by the solution, at full strength.
template<typename Number>
MATTING_EDGE_FUNCTION Number edge_change(const Number &opened, const Number &shown, const Number &solved)
{
	const Number most = 1.0f - shown;
	return (solved < most ? solved : most) - opened;
}

/// The variance of that change for which nothing but noise is to blame; none in holes, whose borders stay as they are.
template<typename Number> MATTING_EDGE_FUNCTION Number edge_noise(const EdgePixel<Number> &pixel, const Number &shown)
{
	Number range[3], weighted[3];
	for (int c = 0; c < 3; c++)
		range[c] = pixel.look[c] - pixel.plate[c];
	edge_weighted(pixel, range, weighted);
	const Number distance = edge_product(range, weighted) + edge_doubted;
	constexpr float doubt = 20; // the network makes more of it, and the colour of the foreground is a guess, too
	return (pixel.look[EdgeLook::fault] + 1e-5f) * (doubt / 3) * edge_product(weighted, weighted) /
	       (distance * distance) * (1.0f - shown);
}

/// Of what lies so many pixels away, in a row or in a column.
MATTING_EDGE_FUNCTION float edge_weight(int distance)
{
	return distance == 0 ? 0.375f : distance == 1 || distance == -1 ? 0.25f : 0.0625f;
}

/// The change without its noise: of its weighted mean and the mean of its squares.
template<typename Number>
MATTING_EDGE_FUNCTION Number edge_settled(const Number &change, const Number &mean, const Number &square,
					  const Number &noise)
{
	const Number variance = square - mean * mean, left = variance - noise;
	return mean + (left > Number{} ? (change - mean) * (left / (variance + 1e-9f)) : Number{});
}
