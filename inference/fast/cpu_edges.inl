// SPDX-License-Identifier: GPL-2.0-or-later
// Edges, solved: the loops around edge_math.inl.
#include "cpu_vector.inl"

#include "inference/edge_math.inl"

#include "cpu_edge_cells.inl"

constexpr int span_pixels = 4 * edge_span;

/// As floats, one plane for each value.
struct EdgePlanes {
	float source[3][span_pixels], plate[3][span_pixels], matte[4][span_pixels], look[EdgeLook::count][span_pixels];
};

template<int channels>
MATTING_ALWAYS_INLINE void spread(const uint8_t *pixels, int count, float (&to)[channels][span_pixels])
{
	for (int i = 0; i < count; i++)
		for (int c = 0; c < channels; c++)
			to[c][i] = static_cast<float>(pixels[4 * i + c]) * (1.0f / 255);
}

/// Looks at pixels, between those at the cells' centres.
MATTING_ALWAYS_INLINE void spread_looks(const EdgeSpan &span, EdgePlanes &planes)
{
	constexpr int without_holes = EdgeLook::through; // these values come first
	const int count = span.has_holes ? EdgeLook::count : without_holes;
	for (int value = count; value < EdgeLook::count; value++)
		for (float &look : planes.look[value])
			look = 0;
	float mixed[EdgeLook::count][edge_span + 2]; // from the cell before the first to the one behind the last
	for (int i = 0; i < edge_span + 2; i++) {
		const int cell = edge_least(edge_most(span.cell + i - 1, 0), span.cells - 1);
		for (int value = 0; value < count; value++)
			mixed[value][i] = span.upper[cell].values[value] * (1 - span.share) +
					  span.lower[cell].values[value] * span.share;
	}
	for (int value = 0; value < count; value++)
		for (int i = 0; i < edge_span; i++) {
			const float left = mixed[value][i], here = mixed[value][i + 1], right = mixed[value][i + 2];
			float *to = planes.look[value] + 4 * i;
			to[0] = left * 0.375f + here * 0.625f;
			to[1] = left * 0.125f + here * 0.875f;
			to[2] = right * 0.125f + here * 0.875f;
			to[3] = right * 0.375f + here * 0.625f;
		}
}

MATTING_ALWAYS_INLINE EdgePixel<Vector> pixels_at(const EdgePlanes &planes, int first)
{
	EdgePixel<Vector> pixel;
	for (int c = 0; c < 3; c++) {
		pixel.source[c] = load(planes.source[c] + first);
		pixel.plate[c] = load(planes.plate[c] + first);
		pixel.own[c] = load(planes.matte[c] + first);
	}
	pixel.alpha = load(planes.matte[3] + first);
	for (int value = 0; value < EdgeLook::count; value++)
		pixel.look[value] = load(planes.look[value] + first);
	return pixel;
}

/// What may become visible takes the colour of what is solid around it.
MATTING_ALWAYS_INLINE void store_opened(const EdgeSpan &span, const EdgePlanes &planes, const float *alpha)
{
	for (int i = 0; i < span.count; i++) {
		uint8_t *pixel = span.matte + 4 * i;
		if (span.source[4 * i + 3] != 255) {
			span.change[i] = 0;
			continue;
		}
		for (int c = 0; c < 3; c++)
			if (pixel[3] == 0)
				pixel[c] = static_cast<uint8_t>(planes.look[c][i] * 255 + 0.5f);
		pixel[3] = static_cast<uint8_t>(alpha[i] * 255 + 0.5f);
	}
}

void solve(const EdgeSpan &span)
{
	EdgePlanes planes;
	spread(span.source, span.count, planes.source);
	spread(span.plate, span.count, planes.plate);
	spread(span.matte, span.count, planes.matte);
	spread_looks(span, planes);
	float alpha[span_pixels], change[span_pixels], noise[span_pixels];
	for (int first = 0; first < span.count; first += lanes) {
		Vector features[EdgeNetwork::features];
		const EdgePixel<Vector> pixels = pixels_at(planes, first);
		const Vector shown = edge_features(pixels, features);
		if (!span.features) {
			const Vector opened = edge_opened(pixels.alpha, shown, span.strength);
			store(alpha + first, opened);
			store(change + first, edge_change(opened, shown, edge_alpha(*span.network, features)));
			store(noise + first, edge_noise(pixels, shown));
		} else
			for (int i = 0; i < EdgeNetwork::features; i++)
				store(span.features + i * span_pixels + first, features[i]);
	}
	if (span.features)
		return;
	__builtin_memcpy(span.change, change, sizeof(float) * span.count);
	__builtin_memcpy(span.noise, noise, sizeof(float) * span.count);
	store_opened(span, planes, alpha);
}

void settle(const EdgeSpan &span)
{
	constexpr int around = edge_around_pixels, taps = 2 * around + 1;
	float means[span_pixels + 2 * around], squares[span_pixels + 2 * around];
	const auto mix = [&](int i, int column) {
		float mean = 0, square = 0;
		for (int tap = 0; tap < taps; tap++) {
			const float change = span.changes[tap][column], weighted = change * edge_weight(tap - around);
			mean += weighted;
			square += weighted * change;
		}
		means[i] = mean;
		squares[i] = square;
	};
	const int count = span.count + 2 * around;
	if (span.x >= around && span.x + span.count + around <= span.width)
		for (int i = 0; i < count; i++)
			mix(i, span.x + i - around);
	else
		for (int i = 0; i < count; i++)
			mix(i, edge_least(edge_most(span.x + i - around, 0), span.width - 1));
	float settled[span_pixels];
	for (int i = 0; i < span.count; i++) {
		float mean = 0, square = 0;
		for (int tap = 0; tap < taps; tap++) {
			mean += means[i + tap] * edge_weight(tap - around);
			square += squares[i + tap] * edge_weight(tap - around);
		}
		settled[i] = edge_settled(span.change[i], mean, square, span.noise[i]);
	}
	for (int i = 0; i < span.count; i++) {
		uint8_t *pixel = span.matte + 4 * i;
		if (span.source[4 * i + 3] != 255)
			continue;
		const float alpha = static_cast<float>(pixel[3]) + settled[i] * span.strength * 255;
		pixel[3] = static_cast<uint8_t>(edge_bounded(alpha, 0.0f, 255.0f) + 0.5f);
		if (pixel[3] == 0)
			pixel[0] = pixel[1] = pixel[2] = 0;
	}
}

constexpr EdgeKernels table(InstructionSet)
{
	return {.extremes = extremes,
		.sum = sum,
		.alike = alike,
		.texture = texture,
		.guess_row = guess_row,
		.through_row = through_row,
		.halve_row = halve_row,
		.fill_row = fill_row,
		.look_row = look_row,
		.solve = solve,
		.settle = settle};
}
