// SPDX-License-Identifier: GPL-2.0-or-later
// Whole pixels of maps; counts are multiples of an octet.

void add_pixel(const float *in, int count, float *sums)
{
	for_each_vector(count, [&](int c, auto kind) {
		using Kind = decltype(kind);
		store(sums + c, load<Kind>(sums + c) + load<Kind>(in + c));
	});
}

void raise_pixel(const float *in, int count, float *highest)
{
	for_each_vector(count, [&](int c, auto kind) {
		using Kind = decltype(kind);
		const Kind a = load<Kind>(highest + c), b = load<Kind>(in + c);
		store(highest + c, b > a ? b : a);
	});
}

void mix_pixel(const BilinearPixel &p, int count, float *out)
{
	const float left = 1 - p.right, upper = 1 - p.lower;
	for_each_vector(count, [&](int c, auto kind) {
		using Kind = decltype(kind);
		store(out + c, upper * (left * load<Kind>(p.upper_left + c) + p.right * load<Kind>(p.upper_right + c)) +
				       p.lower * (left * load<Kind>(p.lower_left + c) +
						  p.right * load<Kind>(p.lower_right + c)));
	});
}

/// Two rows, `share` of the lower.
void mix_rows(const float *upper, const float *lower, float share, int count, float *out)
{
	for_each_vector(count, [&](int c, auto kind) {
		using Kind = decltype(kind);
		store(out + c, load<Kind>(upper + c) * (1 - share) + load<Kind>(lower + c) * share);
	});
}
