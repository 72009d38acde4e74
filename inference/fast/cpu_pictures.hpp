// SPDX-License-Identifier: GPL-2.0-or-later
// Between pictures of bytes and the network's maps, on the CPU.
#pragma once

#include "cpu_maps.hpp"
#include "cpu_vector.hpp"

namespace matting::cpu {

using Pixel [[gnu::vector_size(16)]] = float; ///< mostly alpha, red, green, blue in 0..1
using Bytes [[gnu::vector_size(16)]] = uint8_t;
using Integers [[gnu::vector_size(16)]] = int32_t;

/// A picture with its margin: pixel (y, x) may lie up to picture_margin outside.
struct StoredView {
	const uint8_t *data;
	int height, width;
	std::ptrdiff_t row;

	explicit StoredView(const Map &stored)
		: data(stored.data), height(stored.height), width(stored.width), row(stored.row)
	{
	}
	const uint8_t *at(int y, int x) const { return data + y * row + 4 * x; }
};

MATTING_ALWAYS_INLINE Pixel load_pixel(const float *from)
{
	Pixel pixel;
	std::memcpy(&pixel, from, sizeof pixel);
	return pixel;
}

/// Red, green, blue, alpha, 0 to 255.
MATTING_ALWAYS_INLINE Pixel load_bytes(const uint8_t *from)
{
	Bytes bytes{};
	std::memcpy(&bytes, from, 4);
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
	std::memcpy(&word, &ordered, 4);
	constexpr uint32_t least_alpha = 1u << 24;
	word = keeps_alpha && word < least_alpha ? 0 : word;
	std::memcpy(to, &word, 4);
}

/// Part of a row of finished pixels on its way to where the frame goes.
struct OutputSpan {
	uint8_t *bytes; ///< null: to `exact`
	float *exact;
	const uint8_t *source;
	bool keeps_alpha;
	int count;
};
/// What of the pixels (y, x) to (y, x + count) lies in the frame; count 0: nothing.
OutputSpan output_span(const Output &output, const StoredView &source, int y, int x, int count);

/// values: (count, step) floats, of which the first four are what `finish_pixel` takes.
void finish_span(const float *values, int step, const OutputSpan &span);

void store_picture(const Picture &picture, const Map &stored);
void downsample(const StoredView &picture, const MapView &out);

/// The coarse result, upsampled, where `mask` (H / 4, W / 4) is 0.
void compose(const MapView &coarse, const StoredView &source, const uint8_t *mask, const Output &output);

void show(View view, const MapView &coarse, const uint8_t *mask, const Picture &result);

/// Calls visit(first, last) for every run of cells in a row of the mask that are (not) selected.
template<typename Visitor> void for_each_run(const uint8_t *cells, int count, bool selected, const Visitor &visit)
{
	for (int first = 0; first < count;) {
		if ((cells[first] != 0) != selected) {
			first++;
			continue;
		}
		int last = first + 1;
		while (last < count && (cells[last] != 0) == selected)
			last++;
		visit(first, last);
		first = last;
	}
}

} // namespace matting::cpu
