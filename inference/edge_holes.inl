// SPDX-License-Identifier: GPL-2.0-or-later
// Note [What shows the plate is a hole]
// The large network closes gaps that are finer than it sees, and shows the room through them. One pixel of the plate's
// colour proves nothing, but a texture does: where 12x12 pixels go up and down as the plate does, as strongly, and as
// bright, and those beside them, too, there is nothing before it. In clothes that happens on one cell in thousands.
//
// Note [Gaps that are closed]
// Between leaves, in lace, through a basket: where there are more gaps than the large network can see, it takes all for
// solid, and the room is on air in every one of them. A gap of some pixels has no texture to be known by, but it is as the plate
// is, and so are the other gaps around it: how much of what counts for the foreground is as the plate is, in squares of 4,
// 16 and 64 pixels, is what the small network is told, and it has learnt what clothes of the wall's colours are like. Nor
// does a pixel that is as the plate is say anything of the foreground's colour.
//
// Part of edge_math.inl.

/// 0 to 1.
MATTING_EDGE_FUNCTION float edge_ramp(float value, float from, float to)
{
	const float share = (value - from) / (to - from);
	return share < 0 ? 0 : share > 1 ? 1 : share;
}

/// Calls visit(number) for the 3x3 cells around one.
template<typename Visit>
MATTING_EDGE_FUNCTION void edge_around(const EdgeSights &sights, int y, int x, const Visit &visit)
{
	for (int row = y - 1; row <= y + 1; row++)
		for (int column = x - 1; column <= x + 1; column++)
			visit(edge_least(edge_most(row, 0), sights.height - 1) * sights.width +
			      edge_least(edge_most(column, 0), sights.width - 1));
}

/// Whether a cell may show the plate, by two of four pixels of it: a quick look that leaves little to do. Their bytes.
template<typename Source, typename Plate>
MATTING_EDGE_FUNCTION bool edge_is_alike(const Source &source, const Plate &plate)
{
	int alike = 0;
	for (int i = 0; i < 4; i++) {
		int most = 0;
		for (int c = 0; c < 3; c++) {
			const int difference = source(i, c) - plate(i, c);
			most = edge_most(most, difference < 0 ? -difference : difference);
		}
		alike += most <= 40;
	}
	return alike >= 2;
}

/// How surely a cell shows the plate: see Note [What shows the plate is a hole].
MATTING_EDGE_FUNCTION float edge_guess(const EdgeSights &sights, int y, int x)
{
	float mean[EdgeTexture::count]{};
	edge_around(sights, y, x, [&](int cell) {
		for (int i = 0; i < EdgeTexture::count; i++)
			mean[i] += sights.textures[cell].values[i];
	});
	for (float &value : mean)
		value *= 1.0f / 9;
	float own = mean[EdgeTexture::source_square], plate = mean[EdgeTexture::plate_square],
	      both = mean[EdgeTexture::product], offset = 0;
	for (int c = 0; c < 3; c++) {
		const float here = mean[EdgeTexture::source + c], there = mean[EdgeTexture::plate + c];
		own -= here * here;
		plate -= there * there;
		both -= here * there;
		offset += (here - there) * (here - there);
	}
	constexpr float step = 1 / 255.0f, squared = 3 * step * step; // of three colours
	if (both <= 0 || own <= 0 || plate <= 4 * squared)
		return 0;
	const float gain = both / plate, correlation = gain * both / own; // squared
	return edge_ramp(correlation, 0.36f, 0.64f) * edge_ramp(gain, 0.5f, 0.7f) * edge_ramp(gain, 1.4f, 1.2f) *
	       edge_ramp(plate, 4 * squared, 9 * squared) * edge_ramp(offset, 400 * squared, 144 * squared);
}

/// Alone it is chance.
MATTING_EDGE_FUNCTION float edge_through(const EdgeSights &sights, int y, int x)
{
	const float own = sights.guessed[y * sights.width + x];
	if (own <= 0)
		return 0;
	float sum = 0;
	edge_around(sights, y, x, [&](int cell) { sum += sights.guessed[cell]; });
	return own * edge_ramp(sum, 1.8f, 4.0f);
}
