// SPDX-License-Identifier: GPL-2.0-or-later
// Edges, solved: the loops around edge_math.inl.
#include "cpu_vector.inl"

#include "inference/edge_math.inl"

using Bytes [[gnu::vector_size(16)]] = unsigned char;

void extremes(const EdgeRows &rows, int cells, uint8_t *lowest, uint8_t *highest)
{
	for (int cell = 0; cell < cells; cell++) {
		Bytes low = Bytes{} + static_cast<unsigned char>(255), high{};
		for (const uint8_t *row : rows.matte) {
			Bytes pixels;
			__builtin_memcpy(&pixels, row + 16 * cell, sizeof pixels);
			low = pixels < low ? pixels : low;
			high = pixels > high ? pixels : high;
		}
		lowest[cell] =
			static_cast<uint8_t>(edge_least(edge_least(low[3], low[7]), edge_least(low[11], low[15])));
		highest[cell] =
			static_cast<uint8_t>(edge_most(edge_most(high[3], high[7]), edge_most(high[11], high[15])));
	}
}

using FourPixels [[gnu::vector_size(16)]] = int; // RGBA8
using Quad [[gnu::vector_size(16)]] = float;

MATTING_ALWAYS_INLINE FourPixels four_pixels(const uint8_t *row, int cell)
{
	FourPixels pixels;
	__builtin_memcpy(&pixels, row + sizeof pixels * cell, sizeof pixels);
	return pixels;
}

template<int channel> MATTING_ALWAYS_INLINE Quad channel_of(const FourPixels &pixels)
{
	return __builtin_convertvector(pixels >> 8 * channel & 255, Quad);
}

// All sums are whole numbers below 2^24: exact as floats, in whatever order.
float sum(const EdgeRows &rows, int cell, bool is_solid, bool is_clear, EdgeCell &to)
{
	Quad sums[EdgeCell::solid]{}, faults{}, alphas{};
	for (int y = 0; y < 4; y++) {
		const FourPixels source = four_pixels(rows.source[y], cell), plate = four_pixels(rows.plate[y], cell);
		const Quad red = channel_of<0>(source), green = channel_of<1>(source), blue = channel_of<2>(source);
		const Quad red_fault = red - channel_of<0>(plate), green_fault = green - channel_of<1>(plate),
			   blue_fault = blue - channel_of<2>(plate);
		faults += red_fault * red_fault + green_fault * green_fault + blue_fault * blue_fault;
		alphas += channel_of<3>(four_pixels(rows.matte[y], cell));
		sums[EdgeCell::red] += red, sums[EdgeCell::green] += green, sums[EdgeCell::blue] += blue;
		Quad *products = sums + EdgeCell::products;
		products[0] += red * red, products[1] += red * green, products[2] += red * blue;
		products[3] += green * green, products[4] += green * blue, products[5] += blue * blue;
	}
	const auto all = [](const Quad &of) {
		return (of[0] + of[1]) + (of[2] + of[3]);
	};
	for (int i = 0; i < EdgeCell::solid; i++)
		to.values[i] = is_solid ? all(sums[i]) * (i < EdgeCell::products ? edge_mean : edge_mean_square) : 0;
	const float difference = all(faults) * edge_mean_square;
	to.values[EdgeCell::solid] = is_solid ? 1.0f : 0.0f;
	to.values[EdgeCell::fault] = is_clear ? difference : 0;
	to.values[EdgeCell::clear] = is_clear ? 1.0f : 0.0f;
	to.values[EdgeCell::alpha] = all(alphas) * edge_mean;
	return difference;
}

void alike(const EdgeRows &rows, int cells, const uint8_t *mask, uint8_t *to)
{
	for (int cell = 0; cell < cells; cell++) {
		const auto pixels = [cell](const uint8_t *const(&from)[4]) {
			return [&from, cell](int i, int c) {
				return int{from[i][16 * cell + 4 * i + c]};
			};
		};
		to[cell] = mask[cell] && edge_is_alike(pixels(rows.source), pixels(rows.plate));
	}
}

void texture(const EdgeRows &rows, int cell, EdgeTexture &to)
{
	constexpr int bytes = 16;
	int sources[bytes]{}, plates[bytes]{}, source_squares[bytes]{}, plate_squares[bytes]{}, products[bytes]{};
	for (int y = 0; y < 4; y++) {
		const uint8_t *source = rows.source[y] + bytes * cell, *plate = rows.plate[y] + bytes * cell;
		for (int i = 0; i < bytes; i++) {
			const int own = source[i], other = plate[i];
			sources[i] += own;
			plates[i] += other;
			source_squares[i] += own * own;
			plate_squares[i] += other * other;
			products[i] += own * other;
		}
	}
	const auto sum = [](const int(&values)[bytes], int c) {
		return values[c] + values[4 + c] + values[8 + c] + values[12 + c];
	};
	const auto all = [&](const int(&values)[bytes]) {
		return static_cast<float>(sum(values, 0) + sum(values, 1) + sum(values, 2)) * edge_mean_square;
	};
	for (int c = 0; c < 3; c++) {
		to.values[EdgeTexture::source + c] = static_cast<float>(sum(sources, c)) * edge_mean;
		to.values[EdgeTexture::plate + c] = static_cast<float>(sum(plates, c)) * edge_mean;
	}
	to.values[EdgeTexture::source_square] = all(source_squares);
	to.values[EdgeTexture::plate_square] = all(plate_squares);
	to.values[EdgeTexture::product] = all(products);
}

void guess_row(const EdgeSights &sights, int y, const uint8_t *mask)
{
	for (int x = 0; x < sights.width; x++)
		sights.guessed[y * sights.width + x] = mask[x] ? edge_guess(sights, y, x) : 0;
}

void through_row(const EdgeSights &sights, int y)
{
	for (int x = 0; x < sights.width; x++)
		sights.through[y * sights.width + x] = edge_through(sights, y, x);
}

void halve_row(const EdgeLevel &from, int y, EdgeLevel &to)
{
	for (int x = 0; x < to.width; x++)
		to.cells[y * to.width + x] = edge_halved(from, y, x);
}

void fill_row(EdgeLevel &level, const EdgeLevel &coarser, int y, const uint8_t *mask)
{
	for (int x = 0; x < level.width; x++) {
		if (mask && !mask[x])
			continue;
		EdgeCell &cell = level.cells[y * level.width + x];
		cell = edge_filled(cell, coarser, y, x);
	}
}

void look_row(const EdgeLevel *levels, const EdgeSights &sights, int y, const uint8_t *mask, EdgeLook *to)
{
	for (int x = 0; x < levels[0].width; x++)
		if (mask[x])
			to[x] = edge_look(levels, sights, y, x);
}

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
