// SPDX-License-Identifier: GPL-2.0-or-later
#include "figure.hpp"

#include <algorithm>
#include <numbers>

namespace matting::training {
namespace {

constexpr double pi = std::numbers::pi;

void draw_eyes(const Figure &figure)
{
	const double unit = figure.unit;
	const Colour dark{0.08F, 0.06F, 0.05F}, white{0.85F, 0.83F, 0.8F};
	for (const double side : {-1.0, 1.0}) {
		const Point eye = figure.on_face(0.4 * side, -0.05);
		add_ellipse(figure.canvas, eye, 0.065 * unit, 0.03 * unit, figure.tilt);
		figure.fill(white * figure.complexion.red);
		add_ellipse(figure.canvas, eye, 0.03 * unit, 0.03 * unit);
		figure.fill(dark);
		add_limb(figure.canvas, figure.on_face(0.22 * side, -0.24), figure.on_face(0.6 * side, -0.26),
			 0.022 * unit, 0.012 * unit);
		figure.fill(mix(figure.hair_tint, dark, 0.5), 0.8);
	}
}

void draw_beard(const Figure &figure)
{
	Random &random = figure.random;
	const double unit = figure.unit;
	const bool is_stubble = random.chance(0.3); // the skin shines through, but nothing behind the head
	const double out = is_stubble ? 0.86 : 1;
	const std::vector<Point> beard{figure.on_head(-0.98 * out, 0.05 * out),
				       figure.on_head(-0.85 * out, 0.75 * out),
				       figure.on_head(0, 1.14 * out),
				       figure.on_head(0.85 * out, 0.75 * out),
				       figure.on_head(0.98 * out, 0.05 * out),
				       figure.on_face(0.5, 0.35),
				       figure.on_face(0, 0.32),
				       figure.on_face(-0.5, 0.35)};
	add_shape(figure.canvas, beard);
	figure.fill(figure.hair_material, 0.3, is_stubble ? random.between(0.3, 0.8) : 1);
	Fur fur{random.integer(100, 500),
		unit * random.between(0.03, 0.25),
		std::max(0.9, 0.008 * unit),
		0.12 * unit,
		0.5,
		0.3};
	fur.drift = {0, 1.2};
	draw_fur(figure.canvas, random, beard, figure.hair_tint, fur);
}

void draw_face(const Figure &figure)
{
	Random &random = figure.random;
	const double unit = figure.unit;
	const Colour shade = figure.complexion * 0.7, lips = mix(figure.complexion, {0.6F, 0.2F, 0.2F}, 0.4);
	draw_eyes(figure);
	set_colour(figure.canvas, shade, 0.7);
	stroke_curve(figure.canvas, figure.on_face(0.05, -0.1), figure.on_face(0.1 + 0.3 * figure.gaze, 0.1),
		     figure.on_face(0.2 + 0.3 * figure.gaze, 0.28), figure.on_face(-0.08, 0.27), 0.03 * unit);
	add_ellipse(figure.canvas, figure.on_face(0, 0.53), 0.12 * unit, unit * random.between(0.02, 0.06),
		    figure.tilt);
	figure.fill(lips);
	if (random.chance(0.2))
		draw_beard(figure);
}

void draw_glasses(const Figure &figure)
{
	Random &random = figure.random;
	const double unit = figure.unit, radius = unit * random.between(0.1, 0.14);
	const bool are_dark = random.chance(0.25);
	for (const double side : {-1.0, 1.0}) {
		add_ellipse(figure.canvas, figure.on_face(0.42 * side, -0.03), radius, radius * random.between(0.7, 1),
			    figure.tilt);
		set_colour(figure.canvas, {0.03F, 0.03F, 0.04F}, are_dark ? 0.85 : 0.08);
		cairo_fill_preserve(figure.canvas);
		set_colour(figure.canvas, mix(figure.hair_tint, {0, 0, 0}, 0.6));
		cairo_set_line_width(figure.canvas, std::max(1.0, unit * random.between(0.01, 0.03)));
		const Point hinge = figure.on_face(0.8 * side, -0.06), ear = figure.on_head(side, -0.02);
		cairo_move_to(figure.canvas, hinge.x, hinge.y);
		cairo_line_to(figure.canvas, ear.x, ear.y);
		cairo_stroke(figure.canvas);
	}
	const Point left = figure.on_face(-0.14, -0.06), right = figure.on_face(0.14, -0.06);
	cairo_move_to(figure.canvas, left.x, left.y);
	cairo_line_to(figure.canvas, right.x, right.y);
	cairo_stroke(figure.canvas);
}

void draw_headphones(const Figure &figure)
{
	Random &random = figure.random;
	const double unit = figure.unit;
	const Colour colour = random.chance(0.6) ? Colour{0.06F, 0.06F, 0.07F} : cloth_colour(random);
	const Material plastic = Material(random, colour, Pattern::plain, unit);
	cairo_save(figure.canvas);
	cairo_translate(figure.canvas, figure.head.x, figure.head.y);
	cairo_rotate(figure.canvas, figure.tilt);
	cairo_scale(figure.canvas, figure.head_x * random.between(1.1, 1.25),
		    figure.head_y * random.between(1.15, 1.35));
	const double inner = random.between(0.86, 0.94), start = pi * random.between(0.98, 1.03);
	cairo_new_sub_path(figure.canvas);
	cairo_arc(figure.canvas, 0, 0, 1, start, 3 * pi - start);
	cairo_arc_negative(figure.canvas, 0, 0, inner, 3 * pi - start, start);
	cairo_close_path(figure.canvas);
	cairo_restore(figure.canvas);
	figure.fill(plastic, 0.3);
	const double cup_x = unit * random.between(0.08, 0.15), cup_y = unit * random.between(0.15, 0.24);
	for (const double side : {-1.0, 1.0}) {
		add_ellipse(figure.canvas, figure.on_head(1.13 * side, 0.02), cup_x, cup_y, figure.tilt);
		figure.fill(plastic);
	}
	if (random.chance(0.4)) { // a microphone on a boom
		set_colour(figure.canvas, colour);
		stroke_curve(figure.canvas, figure.on_head(1.1, 0.1), figure.on_head(1.1, 0.6),
			     figure.on_head(0.9, 0.75), figure.on_face(0.35, 0.7), 0.035 * unit);
		fill_ellipse(figure.canvas, figure.on_face(0.35, 0.7), 0.05 * unit, 0.05 * unit);
	}
}

void draw_hat(const Figure &figure)
{
	Random &random = figure.random;
	const Colour colour = cloth_colour(random);
	const Material felt = Material::cloth(random, colour, figure.unit);
	const double height = random.between(1.15, 1.5), low = random.between(-0.5, -0.25);
	std::vector<Point> crown;
	for (int i = 0; i <= 8; i++) {
		const double angle = pi + pi * i / 8;
		crown.push_back(figure.on_head(1.12 * std::cos(angle), low + (height + low) * std::sin(angle)));
	}
	add_shape(figure.canvas, crown);
	figure.fill(felt);
	if (random.chance(0.3)) { // a woollen cap: bobble, fluff
		const Point top = figure.on_head(0, -height);
		const auto bobble = rough_ellipse(random, top, 0.16 * figure.unit, 0.15 * figure.unit, 0.05);
		add_shape(figure.canvas, bobble);
		figure.fill(felt);
		draw_fur(figure.canvas, random, bobble, colour,
			 {300, 0.1 * figure.unit, 1.2, 0.1 * figure.unit, 0.6, 0.2});
		return;
	}
	const double left = random.chance(0.5) ? -1.6 : -1.05, right = random.chance(0.5) ? 1.6 : 1.05;
	add_shape(figure.canvas, {figure.on_head(left, low), figure.on_head(0, low - 0.08), figure.on_head(right, low),
				  figure.on_head(right * 0.9, low + 0.14), figure.on_head(left * 0.9, low + 0.14)});
	figure.fill(felt);
}

void draw_skull(const Figure &figure)
{
	Random &random = figure.random;
	if (random.chance(0.75))
		for (const double side : {-1.0, 1.0}) {
			add_ellipse(figure.canvas, figure.on_head(1.02 * side - 0.2 * figure.gaze, 0.05),
				    0.07 * figure.unit, 0.12 * figure.unit, figure.tilt);
			figure.fill(figure.skin);
		}
	std::vector<Point> outline;
	constexpr int count = 14;
	const double jaw = random.between(0.1, 0.3);
	for (int i = 0; i < count; i++) {
		const double angle = 2 * pi * i / count, down = std::sin(angle), radius = 1 + 0.02 * random.normal();
		const double narrow = down > 0 ? 1 - jaw * down * down : 1;
		outline.push_back(figure.on_head(radius * narrow * std::cos(angle), radius * down));
	}
	add_shape(figure.canvas, outline);
	figure.fill(figure.skin);
}

} // namespace

void draw_head(const Figure &figure)
{
	Random &random = figure.random;
	draw_skull(figure);
	if (random.chance(0.92))
		draw_face(figure);
	if (random.chance(0.3))
		draw_glasses(figure);
	if (figure.hair == Hair::hat)
		draw_hat(figure);
	else
		draw_hair(figure);
	if (random.chance(0.2))
		draw_headphones(figure);
}

} // namespace matting::training
