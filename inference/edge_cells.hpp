// SPDX-License-Identifier: GPL-2.0-or-later
// What edges are solved with, beside the pictures: see Note [The plate solves the edge].
#pragma once

namespace matting {

/// Sums of a cell, or of a square of them, by their number. What is solid, but not as the plate is, counts for the
/// foreground's colour, what is clear for the plate's faults; `filled` makes means of them. `seen`: alpha of pixels that are as
/// the plate is.
struct EdgeCell {
	enum {
		red,
		green,
		blue,
		products, // of red and red, green, blue; green and green, blue; blue and blue
		solid = products + 6,
		fault,
		clear,
		alpha,
		seen,
		count
	};
	float values[count];
};

/// Means of a cell of source and plate; the last three of the sums over the colours.
struct EdgeTexture {
	enum { source = 0, plate = 3, source_square = 6, plate_square, product, count };
	float values[count];
};

/// Of each cell: what it shows, and how surely that is the plate, 0 to 1; before and after its neighbours were asked.
struct EdgeSights {
	EdgeTexture *textures;
	float *guessed, *through;
	int height, width;
};

inline constexpr float edge_mean = 1 / (16 * 255.0f),
		       edge_mean_square = edge_mean / 255.0f; ///< of the sums over a cell's bytes, and their products

struct EdgeLevel {
	EdgeCell *cells;
	int height, width;
};
inline constexpr int edge_levels = 6; ///< of cells of 4 pixels, 8, and so on

/// What a pixel is told of its surroundings: the solid colour around it and how it varies, how far the plate is off, alpha
/// and what is solid in squares of 4, 16 and 64 pixels, and how much of that alpha is as the plate is; how surely the plate is
/// seen here, and beside it.
struct EdgeLook {
	enum {
		red,
		green,
		blue,
		variance,
		fault,
		alpha,
		alpha_16,
		alpha_64,
		solid_16,
		solid_64,
		seen,
		seen_16,
		seen_64,
		inverse, // of the solid colours' covariance
		through = inverse + 6,
		beside,
		count
	};
	float values[count];
};

inline constexpr int edge_clear = 5,
		     edge_solid = 235; ///< alpha up to which a pixel is clear, from which on it is solid
inline constexpr int edge_reach = 2;   ///< cells around what is soft, that are looked at
inline constexpr int edge_sight = 12;  ///< cells around it whose colours count
inline constexpr int edge_least_halved =
	1600; ///< pixels of the longer side: see Note [Large pictures first at half the size]
inline constexpr int edge_around_pixels = 2; ///< that far around a pixel it is looked what the solution changes
inline constexpr float edge_hole =
	0.004f; ///< solid cells that differ less from the plate are looked at, too: a hole may be closed
inline constexpr int edge_same =
	48; ///< a pixel is as the plate is up to that sum of three squared differences of bytes
inline constexpr float edge_seen =
	0.06f; ///< so are solid cells where as much alpha is as the plate is: gaps may be closed
inline constexpr float edge_sure = 0.5f; ///< where the plate is seen as surely, there is a hole

/// Where a cell lies between those of a level that is `step` times as coarse.
struct EdgeTap {
	int first, second;
	float share; ///< of the second
};

/// Colours and alpha are 0 to 1; `own` is what the large network takes for the foreground, 0 where alpha is. Number: a float, or a
/// vector of them.
template<typename Number> struct EdgePixel {
	Number source[3], plate[3], own[3], alpha, look[EdgeLook::count];
};

} // namespace matting
