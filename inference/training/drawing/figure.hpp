// SPDX-License-Identifier: GPL-2.0-or-later
// How a person is put together: parts of person*.cpp.
#pragma once

#include "pictures.hpp"

namespace matting::training {

enum class Hair { cropped, short_cut, medium, long_cut, curly, bun, tied, bald, hat, hood };

/// Measures and materials of one person. Lengths in pixels; `unit` is about the height of a head.
struct Figure {
	Figure(const Canvas &canvas, Random &random);

	/// In radii of the head, turned with it: (0, 1) is the chin.
	Point on_head(double x, double y) const;
	/// The same, with the face looking where it looks.
	Point on_face(double x, double y) const;
	void fill(const Material &material, double depth = 1, double opacity = 1) const;
	void fill(Colour colour, double opacity = 1) const;

	const Canvas &canvas;
	Random &random;
	double size;       ///< of the canvas
	bool whole_figure; ///< down to the feet; otherwise a webcam's picture
	double unit;
	Point head;
	double head_x, head_y, tilt; ///< radii; radians
	double gaze;                 ///< -1..1: turned left or right
	double shoulder_y, shoulder_width, hip_y;
	Colour complexion, hair_tint;
	Hair hair;
	Material skin, shirt, hair_material;
	Light light;
};

void draw_hair_behind(const Figure &figure);
/// On the head; a hat is no hair.
void draw_hair(const Figure &figure);
void draw_head(const Figure &figure);
void draw_arm(const Figure &figure, double side);
void draw_body(const Figure &figure);

} // namespace matting::training
