// SPDX-License-Identifier: GPL-2.0-or-later
// See Note [Fewer multiplications]. Points of the transforms: 0, infinity, +-a, +-b.

// Results are handed on one by one, by their numbers: GCC copies an array of them through memory, 16 bytes at a time.

constexpr float a = winograd::a, b = winograd::b, aa = a * a, bb = b * b;

/// Three values into six.
template<typename To>
MATTING_ALWAYS_INLINE void transform_weights(const Vector &w0, const Vector &w1, const Vector &w2, const To &to)
{
	constexpr float norm_0 = 1 / (aa * bb), norm_a = 1 / (2 * aa * (aa - bb)), norm_b = 1 / (2 * bb * (bb - aa));
	const Vector even_a = norm_a * w0 + norm_a * aa * w2, odd_a = norm_a * a * w1;
	const Vector even_b = norm_b * w0 + norm_b * bb * w2, odd_b = norm_b * b * w1;
	to(0, norm_0 * w0);
	to(1, even_a + odd_a);
	to(2, even_a - odd_a);
	to(3, even_b + odd_b);
	to(4, even_b - odd_b);
	to(5, w2);
}

void winograd_weights(const WinogradWeights &given)
{
	const WinogradWeights weights = given;
	constexpr int size = winograd::window, taps = 3;
	for (int i = 0; i < weights.count; i += lanes) {
		const auto tap = [&](int y, int x) {
			return load(weights.in + (y * taps + x) * weights.tap_step + i);
		};
		Vector columns[size * taps]; // transformed in y
		for (int x = 0; x < taps; x++)
			transform_weights(tap(0, x), tap(1, x), tap(2, x),
					  [&](int y, const Vector &value) { columns[y * taps + x] = value; });
		for (int y = 0; y < size; y++) {
			const Vector *row = columns + y * taps;
			transform_weights(row[0], row[1], row[2], [&](int x, const Vector &value) {
				store(weights.out + (y * size + x) * weights.plane + i, value);
			});
		}
	}
}

/// Six values into six.
template<typename To>
MATTING_ALWAYS_INLINE void transform_input(const Vector &x0, const Vector &x1, const Vector &x2, const Vector &x3,
					   const Vector &x4, const Vector &x5, const To &to)
{
	const Vector even_a = x4 - bb * x2, odd_a = a * (x3 - bb * x1);
	const Vector even_b = x4 - aa * x2, odd_b = b * (x3 - aa * x1);
	to(0, x4 - (aa + bb) * x2 + aa * bb * x0);
	to(1, even_a + odd_a);
	to(2, even_a - odd_a);
	to(3, even_b + odd_b);
	to(4, even_b - odd_b);
	to(5, x5 - (aa + bb) * x3 + aa * bb * x1);
}

void winograd_input(const WinogradInput &in)
{
	constexpr int size = winograd::window;
	float *const out = in.out; // what is stored below cannot change copies
	const std::ptrdiff_t plane = in.plane;
	for (int c = 0; c < in.channels; c += lanes) {
		const bool only_octet = lanes > octet && c + octet == in.channels;
		Vector rows[size * size]; // transformed in x
		for (int y = 0; y < size; y++) {
			const float *const *pixels = in.pixels + y * size;
			const auto x = [&](int i) {
				return load_part(pixels[i] + c, only_octet);
			};
			transform_input(x(0), x(1), x(2), x(3), x(4), x(5),
					[&](int i, const Vector &value) { rows[y * size + i] = value; });
		}
		for (int x = 0; x < size; x++) {
			const Vector *column = rows + x;
			transform_input(column[0], column[size], column[2 * size], column[3 * size], column[4 * size],
					column[5 * size], [&](int y, const Vector &value) {
						store_part(out + (y * size + x) * plane + c, value, only_octet);
					});
		}
	}
}

/// Six values into four.
template<typename To>
MATTING_ALWAYS_INLINE void transform_output(const Vector &m0, const Vector &m1, const Vector &m2, const Vector &m3,
					    const Vector &m4, const Vector &m5, const To &to)
{
	const Vector sum_a = m1 + m2, difference_a = a * (m1 - m2);
	const Vector sum_b = m3 + m4, difference_b = b * (m3 - m4);
	to(0, m0 + sum_a + sum_b);
	to(1, difference_a + difference_b);
	to(2, aa * sum_a + bb * sum_b);
	to(3, aa * difference_a + bb * difference_b + m5);
}

void winograd_output(const WinogradOutput &given)
{
	const WinogradOutput out = given;
	constexpr int size = winograd::window, tile = winograd::tile;
	for (int c = 0; c < out.channels; c += lanes) {
		const bool only_octet = lanes > octet && c + octet == out.channels;
		Vector rows[tile * size]; // transformed in y
		for (int x = 0; x < size; x++) {
			const auto y = [&](int i) {
				return load(out.in + (i * size + x) * out.plane + c);
			};
			transform_output(y(0), y(1), y(2), y(3), y(4), y(5),
					 [&](int i, const Vector &value) { rows[i * size + x] = value; });
		}
		const Vector bias = load(out.bias + c), low = load(out.low + c), high = load(out.high + c);
		for (int y = 0; y < out.height; y++) {
			const Vector *row = rows + y * size;
			transform_output(row[0], row[1], row[2], row[3], row[4], row[5], [&](int x, Vector value) {
				if (x >= out.width)
					return;
				value += bias;
				if (out.add)
					value += load_part(out.add + y * out.add_row + x * out.add_pixel + c,
							   only_octet);
				store_part(out.out + y * out.row + x * out.pixel + c, clamp(value, low, high),
					   only_octet);
			});
		}
	}
}
