// SPDX-License-Identifier: GPL-2.0-or-later
// Between bytes of pictures and floats.

using Pixel [[gnu::vector_size(16)]] = float; ///< mostly alpha, red, green, blue in 0..1
using Bytes [[gnu::vector_size(16)]] = unsigned char;
using Integers [[gnu::vector_size(16)]] = int;

/// Red, green, blue, alpha, 0 to 255.
MATTING_ALWAYS_INLINE Pixel load_bytes(const uint8_t *from)
{
	Bytes bytes{};
	__builtin_memcpy(&bytes, from, 4);
	const Bytes wide = __builtin_shuffle(bytes, Bytes{0, 8, 8, 8, 1, 8, 8, 8, 2, 8, 8, 8, 3, 8, 8, 8});
	return __builtin_convertvector(reinterpret_cast<Integers>(wide), Pixel);
}

/// 0, red, green, blue, in 0..1.
MATTING_ALWAYS_INLINE Pixel load_colour(const uint8_t *from)
{
	return __builtin_shuffle(load_bytes(from) * (1.0f / 255), Pixel{}, Integers{4, 0, 1, 2});
}

/// `value`: alpha and the foreground's difference from the source, as the network gives them (paper, section 4.1).
MATTING_ALWAYS_INLINE Pixel finish_pixel(Pixel value, const uint8_t *source)
{
	value += load_colour(source);
	value = value < 0.0f ? Pixel{} : value;
	return value > 1.0f ? Pixel{} + 1.0f : value;
}

/// Alpha times the source's own, if that is to be kept: then it is a result, and what it does not show has no colour.
/// See Note [The room is in no result].
MATTING_ALWAYS_INLINE void store_pixel(const Pixel &pixel, const uint8_t *source, bool keeps_alpha, uint8_t *to)
{
	const Pixel full = Pixel{} + 255.0f;
	const Pixel scale = keeps_alpha ? __builtin_shuffle(load_bytes(source), full, Integers{3, 4, 4, 4}) : full;
	const Integers rounded = __builtin_convertvector(pixel * scale + 0.5f, Integers);
	const Bytes ordered = __builtin_shuffle(reinterpret_cast<Bytes>(rounded),
						Bytes{4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0});
	uint32_t word;
	__builtin_memcpy(&word, &ordered, 4);
	constexpr uint32_t least_alpha = 1u << 24;
	word = keeps_alpha && word < least_alpha ? 0 : word;
	__builtin_memcpy(to, &word, 4);
}

/// `pixel` is finished: to where the frame goes.
MATTING_ALWAYS_INLINE void write_pixel(const Pixel &pixel, const OutputSpan &span, int index)
{
	if (span.bytes)
		store_pixel(pixel, span.source + 4 * index, span.keeps_alpha, span.bytes + 4 * index);
	else
		store(span.exact + 4 * index, pixel);
}

void gather_row(const float *upper, const float *lower, float share, int step, int count, float *out)
{
	for (int i = 0; i < count; i++, upper += step, lower += step, out += 4)
		store(out, load<Pixel>(upper) * (1 - share) + load<Pixel>(lower) * share);
}

void compose_span(const float *row, const Tap *columns, const OutputSpan &given)
{
	const OutputSpan span = given;
	for (int i = 0; i < span.count; i++) {
		const Tap &column = columns[i];
		const Pixel mixed = load<Pixel>(row + 4 * column.first) * (1 - column.share) +
				    load<Pixel>(row + 4 * column.second) * column.share;
		write_pixel(finish_pixel(mixed, span.source + 4 * i), span, i);
	}
}

void finish_span(const float *values, int step, const OutputSpan &given)
{
	const OutputSpan span = given;
	for (int i = 0; i < span.count; i++)
		write_pixel(finish_pixel(load<Pixel>(values + i * step), span.source + 4 * i), span, i);
}

void downsample_row(const uint8_t *upper, const uint8_t *lower, float share, const Tap *columns, int count, int step,
		    float *out)
{
	for (int i = 0; i < count; i++, out += step) {
		const Tap &column = columns[i];
		const auto mix = [&](const uint8_t *row) {
			return load_colour(row + 4 * column.first) * (1 - column.share) +
			       load_colour(row + 4 * column.second) * column.share;
		};
		const Pixel mixed = mix(upper) * (1 - share) + mix(lower) * share;
		out[0] = mixed[1];
		out[1] = mixed[2];
		out[2] = mixed[3];
	}
}

// ---- What the refiner reads

void mix_coarse_columns(const float *row, const Tap *columns, int count, float *out)
{
	for (int i = 0; i < count; i++, out += input_step) {
		const float *left = row + columns[i].first * coarse_step,
			    *right = row + columns[i].second * coarse_step;
		const float share = columns[i].share;
		for_each_vector(coarse_step, [&](int c, auto kind) {
			using Kind = decltype(kind);
			store(out + c, load<Kind>(left + c) * (1 - share) + load<Kind>(right + c) * share);
		});
	}
}

void halve_colours(const uint8_t *upper, const uint8_t *lower, int count, float *out)
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

void unpack_colours(const uint8_t *source, const uint8_t *background, int count, float *out)
{
	for (int i = 0; i < count; i++, source += 4, background += 4, out += colour_step) {
		const Pixel front = load_colour(source), back = load_colour(background);
		out[0] = front[1], out[1] = front[2], out[2] = front[3];
		out[3] = back[1], out[4] = back[2], out[5] = back[3];
	}
}
