// SPDX-License-Identifier: GPL-2.0-or-later
// What edges are solved with: the loops over cells. Part of cpu_edges.inl.

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

MATTING_ALWAYS_INLINE float all(const Quad &of)
{
	return (of[0] + of[1]) + (of[2] + of[3]);
}

// All sums are whole numbers below 2^24: exact as floats, in whatever order.
float sum(const EdgeRows &rows, int cell, bool is_solid, bool is_clear, EdgeCell &to)
{
	Quad sums[EdgeCell::solid]{}, counts{}, faults{}, alphas{}, seen{};
	for (int y = 0; y < 4; y++) {
		const FourPixels source = four_pixels(rows.source[y], cell), plate = four_pixels(rows.plate[y], cell);
		const Quad off[] = {channel_of<0>(source) - channel_of<0>(plate),
				    channel_of<1>(source) - channel_of<1>(plate),
				    channel_of<2>(source) - channel_of<2>(plate)};
		const Quad fault = off[0] * off[0] + off[1] * off[1] + off[2] * off[2],
			   alpha = channel_of<3>(four_pixels(rows.matte[y], cell));
		const FourPixels differs = fault > edge_same, counted = source & differs;
		faults += fault, alphas += alpha;
		seen += differs ? Quad{} : alpha;
		counts += differs ? Quad{} + 1.0f : Quad{};
		const Quad red = channel_of<0>(counted), green = channel_of<1>(counted), blue = channel_of<2>(counted);
		sums[EdgeCell::red] += red, sums[EdgeCell::green] += green, sums[EdgeCell::blue] += blue;
		Quad *products = sums + EdgeCell::products;
		products[0] += red * red, products[1] += red * green, products[2] += red * blue;
		products[3] += green * green, products[4] += green * blue, products[5] += blue * blue;
	}
	for (int i = 0; i < EdgeCell::solid; i++)
		to.values[i] = is_solid ? all(sums[i]) * (i < EdgeCell::products ? edge_mean : edge_mean_square) : 0;
	const float difference = all(faults) * edge_mean_square;
	to.values[EdgeCell::solid] = is_solid ? all(counts) * (1.0f / 16) : 0.0f;
	to.values[EdgeCell::fault] = is_clear ? difference : 0;
	to.values[EdgeCell::clear] = is_clear ? 1.0f : 0.0f;
	to.values[EdgeCell::alpha] = all(alphas) * edge_mean;
	to.values[EdgeCell::seen] = all(seen) * edge_mean;
	return difference;
}

void alike(const EdgeRows &rows, int cells, const uint8_t *mask, uint8_t *to)
{
	const auto pixels = [](const uint8_t *const(&from)[4], int cell) {
		return [&from, cell](int i, int c) {
			return int{from[i][16 * cell + 4 * i + c]};
		};
	};
	for (int cell = 0; cell < cells; cell++)
		to[cell] = mask[cell] && edge_is_alike(pixels(rows.source, cell), pixels(rows.plate, cell));
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
	EdgeCell *cells = level.cells + y * level.width;
	for (int x = 0; x < level.width; x++)
		if (!mask || mask[x])
			cells[x] = edge_filled(cells[x], coarser, y, x);
}

void look_row(const EdgeLevel *levels, const EdgeSights &sights, int y, const uint8_t *mask, EdgeLook *to)
{
	for (int x = 0; x < levels[0].width; x++)
		if (mask[x])
			to[x] = edge_look(levels, sights, y, x);
}
