// SPDX-License-Identifier: GPL-2.0-or-later
// What is drawn to be in the pictures.
#pragma once

#include "canvas.hpp"
#include "material.hpp"
#include "random.hpp"

namespace matting::training {

/// With a transparent background; square, the canvas's width.
void draw_person(const Canvas &canvas, Random &random);
void draw_object(const Canvas &canvas, Random &random);
/// Fills the canvas.
void draw_room(const Canvas &canvas, Random &random);
/// Anything with the statistics of a photograph: things of all sizes, one before the other.
void draw_landscape(const Canvas &canvas, Random &random);
void draw_clutter(const Canvas &canvas, Random &random);

/// Hairs along a closed smooth curve.
struct Fur {
	int count;
	double length;       ///< pixels, on average
	double width;        ///< of a root, pixels
	double inset;        ///< how far inside the roots are, at most
	double stray;        ///< of the direction, radians
	double curl;         ///< how much a hair bends, in its lengths
	Point drift{0, 0};   ///< combed that way, in lengths
	double most_y = 1e9; ///< none below
};
void draw_fur(const Canvas &canvas, Random &random, const std::vector<Point> &outline, Colour colour, const Fur &fur);

/// A closed curve: an ellipse whose radius varies by about `roughness`.
std::vector<Point> rough_ellipse(Random &random, Point centre, double radius_x, double radius_y, double roughness,
				 int count = 14);

} // namespace matting::training
