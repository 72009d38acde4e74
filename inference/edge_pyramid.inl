// SPDX-License-Identifier: GPL-2.0-or-later
// Note [Large pictures first at half the size]
// A strand is some pixels wide in HD, and many in 4K: as wide as what an edge is solved with, the cells whose colours are
// taken, the squares in which they vary, the band around what is soft. So of large pictures half the picture is solved first,
// which has half the noise, too; what it has more of the foreground is where the whole one begins. What is less the whole
// picture sees better itself: stripes of a shirt look more like the room at half the size.
//
// This is the arithmetic of it. Whoever includes it says in MATTING_EDGE_FUNCTION what its functions are.

/// The mean of 2x2 pixels.
MATTING_EDGE_FUNCTION void edge_halve(const uint8_t *const (&from)[4], uint8_t *to)
{
	for (int c = 0; c < 4; c++)
		to[c] = static_cast<uint8_t>((from[0][c] + from[1][c] + from[2][c] + from[3][c] + 2) >> 2);
}

/// The same of a matte: colours count as far as they are seen.
MATTING_EDGE_FUNCTION void edge_halve_matte(const uint8_t *const (&from)[4], uint8_t *to)
{
	const int sum = from[0][3] + from[1][3] + from[2][3] + from[3][3];
	to[3] = static_cast<uint8_t>((sum + 2) >> 2);
	for (int c = 0; c < 3; c++) {
		int colour = sum / 2;
		for (int i = 0; i < 4; i++)
			colour += from[i][c] * from[i][3];
		to[c] = to[3] > 0 ? static_cast<uint8_t>(colour / sum) : uint8_t{0};
	}
}

/// The pixels of the half that are nearest to one of the whole, the nearest first, by row and column.
struct EdgeNearest {
	int rows[4], columns[4];
};

MATTING_EDGE_FUNCTION int edge_next(int i, int count)
{
	const int next = i % 2 == 0 ? i / 2 - 1 : i / 2 + 1;
	return next < 0 ? 0 : next < count ? next : count - 1;
}

MATTING_EDGE_FUNCTION EdgeNearest edge_nearest(int y, int x, int height, int width)
{
	const int row = y / 2, column = x / 2, other_row = edge_next(y, height), other_column = edge_next(x, width);
	return {{row, row, other_row, other_row}, {column, other_column, column, other_column}};
}

/// What they have gained, bilinear.
MATTING_EDGE_FUNCTION int edge_gain(const int (&gains)[4])
{
	return (9 * gains[0] + 3 * (gains[1] + gains[2]) + gains[3] + 8) >> 4;
}

/// A pixel of the whole matte with that gain. `solved`: the nearest pixels of the half. What is clear gets no veil, which nobody
/// would look at again.
MATTING_EDGE_FUNCTION void edge_add(int gain, const uint8_t *const (&solved)[4], uint8_t *pixel)
{
	if (pixel[3] == 0 && gain <= edge_clear)
		return;
	for (int i = 0; pixel[3] == 0 && i < 4; i++)
		if (solved[i][3] > 0) {
			for (int c = 0; c < 3; c++)
				pixel[c] = solved[i][c];
			break;
		}
	const int alpha = pixel[3] + gain;
	pixel[3] = static_cast<uint8_t>(alpha < 255 ? alpha : 255);
}
