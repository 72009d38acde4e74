// SPDX-License-Identifier: GPL-2.0-or-later
// Note [Light and dark of the foreground]
// Hair and fur are not of one colour: each strand is lighter or darker than the mean of what is around it, much more than it
// differs from it in hue. A difference from the plate that is made of light says little about alpha, then, and one in hue much.
// How colours vary is seen where the picture is solid: by the inverse of their covariance, S, alpha is
// (I - B)' S (F - B) / (F - B)' S (F - B), the most likely one of colours that are distributed like that around F.
//
// Part of edge_math.inl.

/// Of solid colours around: the inverse of their covariance and the noise's. Upper triangle, row by row.
MATTING_EDGE_FUNCTION void edge_inverse(const float *mean, const float *products, float *to)
{
	constexpr float noise = 1e-3f;
	const float a = products[0] - mean[0] * mean[0] + noise, b = products[1] - mean[0] * mean[1],
		    c = products[2] - mean[0] * mean[2], d = products[3] - mean[1] * mean[1] + noise,
		    e = products[4] - mean[1] * mean[2], f = products[5] - mean[2] * mean[2] + noise;
	const float cofactors[] = {d * f - e * e, c * e - b * f, b * e - c * d,
				   a * f - c * c, b * c - a * e, a * d - b * b};
	const float determinant = a * cofactors[0] + b * cofactors[1] + c * cofactors[2];
	for (int i = 0; i < 6; i++)
		to[i] = cofactors[i] / determinant;
}

/// Times that inverse.
template<typename Number>
MATTING_EDGE_FUNCTION void edge_weighted(const EdgePixel<Number> &pixel, const Number (&of)[3], Number (&to)[3])
{
	const Number *inverse = pixel.look + EdgeLook::inverse;
	to[0] = inverse[0] * of[0] + inverse[1] * of[1] + inverse[2] * of[2];
	to[1] = inverse[1] * of[0] + inverse[3] * of[1] + inverse[4] * of[2];
	to[2] = inverse[2] * of[0] + inverse[4] * of[1] + inverse[5] * of[2];
}

template<typename Number> MATTING_EDGE_FUNCTION Number edge_product(const Number (&a)[3], const Number (&b)[3])
{
	return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

inline constexpr float edge_doubted =
	0.1f; // a foreground that is nearer to the plate, in squared deviations, says little

/// Four features as `edge_solution` has them, in deviations of the foreground's colours.
template<typename Number>
MATTING_EDGE_FUNCTION void edge_likely_solution(const EdgePixel<Number> &pixel, const Number (&foreground)[3],
						Number *to)
{
	Number difference[3], range[3], weighted[3], rest[3], weighted_rest[3];
	for (int c = 0; c < 3; c++) {
		difference[c] = pixel.source[c] - pixel.plate[c];
		range[c] = foreground[c] - pixel.plate[c];
	}
	edge_weighted(pixel, range, weighted);
	const Number distance = edge_product(range, weighted), safe = distance + edge_doubted;
	to[0] = edge_bounded(edge_product(difference, weighted) / safe, -0.25f, 1.25f);
	const Number alpha = edge_bounded(to[0], 0.0f, 1.0f);
	for (int c = 0; c < 3; c++)
		rest[c] = difference[c] - alpha * range[c];
	edge_weighted(pixel, rest, weighted_rest);
	to[1] = edge_share(distance, 6.0f);
	to[2] = edge_share(edge_product(rest, weighted_rest), 2.0f);
	to[3] = edge_share(pixel.look[EdgeLook::fault] * edge_product(weighted, weighted), safe * safe * 0.1f);
}
