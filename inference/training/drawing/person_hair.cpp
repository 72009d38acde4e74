// SPDX-License-Identifier: GPL-2.0-or-later
#include "figure.hpp"

#include <algorithm>
#include <numbers>

namespace matting::training {
namespace {

constexpr double pi = std::numbers::pi;

// The hair's outline seen from the front, in radii of the head; it ends where the face begins.
std::vector<Point> cap_outline(const Figure &figure)
{
	Random &random = figure.random;
	const bool is_close = figure.hair == Hair::cropped;
	const double thickness = is_close ? random.between(1.02, 1.07) : random.between(1.08, 1.32);
	const double roughness = figure.hair == Hair::curly ? 0.07 : is_close ? 0.01 : 0.035;
	const double from = pi * random.between(0.97, 1.12), to = pi * random.between(1.88, 2.03);
	const double fringe = random.between(-0.72, -0.3), parting = random.between(-0.6, 0.6);
	std::vector<Point> points;
	constexpr int top_points = 11, low_points = 6;
	for (int i = 0; i < top_points; i++) {
		const double angle = std::lerp(from, to, i / (top_points - 1.0));
		const double radius = thickness * (1 + roughness * random.normal());
		points.push_back(figure.on_head(radius * std::cos(angle), radius * std::sin(angle)));
	}
	for (int i = 0; i < low_points; i++) {
		const double x = std::lerp(0.9, -0.9, i / (low_points - 1.0));
		const double y = fringe + 0.07 * random.normal() - (std::abs(x - parting) < 0.25 ? 0.15 : 0);
		points.push_back(figure.on_face(x, y + 0.25 * x * x));
	}
	return points;
}

// From the crown down over the mass, so that it has a grain.
void draw_locks(const Figure &figure, int count, double reach, double length)
{
	Random &random = figure.random;
	for (int i = 0; i < count; i++) {
		const double angle = pi * random.between(0.95, 2.05), side = std::cos(angle);
		const double out = random.between(0.75, reach), low = length * random.between(0.5, 1);
		const Point root = figure.on_head(0.4 * side + 0.1 * random.normal(), random.between(-1.05, -0.8));
		const Point bend = figure.on_head(out * side * 1.15, out * std::sin(angle) * 0.9);
		const Point fall = figure.on_head(out * (side + 0.12 * random.normal()) * 1.1, 0.5 * low);
		const Point tip = figure.on_head(out * (side + 0.15 * random.normal()), low);
		set_colour(figure.canvas, varied(random, figure.hair_tint * random.between(0.6, 1.5), 0.03),
			   random.between(0.2, 0.8));
		fill_strand(figure.canvas, {root, bend, fall, tip}, figure.unit * random.between(0.006, 0.035));
	}
}

Fur loose_hairs(const Figure &figure, double length)
{
	Random &random = figure.random;
	const double unit = figure.unit;
	Fur fur{random.integer(60, 500),
		unit * length,
		std::max(0.9, unit * random.between(0.006, 0.014)),
		0.06 * unit,
		random.between(0.2, 0.7),
		random.between(0.05, 0.5)};
	fur.drift = {random.between(-0.5, 0.5), random.between(-0.3, 0.9)};
	return fur;
}

// Long hair round the head and down: a mass, its strands, and those that stand out.
void draw_long_hair(const Figure &figure, double width, double low)
{
	Random &random = figure.random;
	std::vector<Point> outline;
	constexpr int count = 16;
	for (int i = 0; i < count; i++) {
		const double angle = 2 * pi * i / count, radius = width * (1 + 0.05 * random.normal());
		const double down = std::sin(angle),
			     y = down > 0.3 ? low * (1 + 0.1 * random.normal()) : 1.05 * radius * down;
		outline.push_back(figure.on_head(radius * std::cos(angle), y));
	}
	add_shape(figure.canvas, outline);
	figure.fill(figure.hair_material);
	draw_locks(figure, random.integer(80, 260), width, low);
	Fur fur = loose_hairs(figure, random.log_between(0.1, 0.45));
	fur.drift.y += 0.6;
	draw_fur(figure.canvas, random, outline, figure.hair_tint, fur);
	fur = loose_hairs(figure, random.log_between(0.05, 0.15)); // frizz
	draw_fur(figure.canvas, random, outline, figure.hair_tint, fur);
}

void draw_curls(const Figure &figure)
{
	Random &random = figure.random;
	const double width = random.between(1.3, 2.0);
	const Point centre = figure.on_head(0, -0.1);
	const std::vector<Point> outline = rough_ellipse(random, centre, width * figure.head_x,
							 width * random.between(0.85, 1.05) * figure.head_y, 0.05, 18);
	add_shape(figure.canvas, outline);
	figure.fill(figure.hair_material);
	const double unit = figure.unit;
	Fur fur{random.integer(500, 1300),
		unit * random.between(0.12, 0.3),
		std::max(1.0, 0.014 * unit),
		0.5 * unit,
		1.2,
		1.0};
	draw_fur(figure.canvas, random, outline, figure.hair_tint, fur);
}

// A pony tail to one side.
void draw_tail(const Figure &figure)
{
	Random &random = figure.random;
	const double side = random.sign();
	const std::vector<Point> tail{figure.on_head(0.8 * side, -0.9), figure.on_head(1.6 * side, -0.9),
				      figure.on_head(1.8 * side, 0.3), figure.on_head(1.5 * side, 1.6),
				      figure.on_head(1.1 * side, 0.3)};
	add_shape(figure.canvas, tail);
	figure.fill(figure.hair_material);
	Fur fur = loose_hairs(figure, 0.4);
	fur.drift = {0.2 * side, 1.2};
	draw_fur(figure.canvas, random, tail, figure.hair_tint, fur);
}

} // namespace

void draw_hair_behind(const Figure &figure)
{
	Random &random = figure.random;
	switch (figure.hair) {
	case Hair::long_cut:
		draw_long_hair(figure, random.between(1.15, 1.6), random.between(1, 3.2));
		break;
	case Hair::medium:
		draw_long_hair(figure, random.between(1.12, 1.45), random.between(0.6, 1.1));
		break;
	case Hair::curly:
		draw_curls(figure);
		break;
	case Hair::hat:
		if (random.chance(0.4))
			draw_long_hair(figure, random.between(1.1, 1.4), random.between(0.8, 2.2));
		break;
	case Hair::tied:
		draw_tail(figure);
		break;
	case Hair::hood:
		add_shape(figure.canvas,
			  rough_ellipse(random, figure.head, 1.45 * figure.head_x, 1.3 * figure.head_y, 0.02));
		figure.fill(figure.shirt);
		break;
	default:
		break;
	}
}

void draw_hair(const Figure &figure)
{
	Random &random = figure.random;
	if (figure.hair == Hair::bun) {
		const auto knot = rough_ellipse(random, figure.on_head(random.between(-0.5, 0.5), -1.3),
						0.22 * figure.unit, 0.2 * figure.unit, 0.05);
		add_shape(figure.canvas, knot);
		figure.fill(figure.hair_material);
		draw_fur(figure.canvas, random, knot, figure.hair_tint, loose_hairs(figure, 0.12));
	}
	if (figure.hair == Hair::bald || figure.hair == Hair::hood)
		return;
	const std::vector<Point> cap = cap_outline(figure);
	add_shape(figure.canvas, cap);
	figure.fill(figure.hair_material, 0.6, figure.hair == Hair::cropped ? random.between(0.5, 0.95) : 1);
	if (figure.hair != Hair::cropped)
		draw_locks(figure, random.integer(30, 120), 1.1, random.between(-0.6, 0.1));
	const double length = figure.hair == Hair::cropped ? 0.03 : random.log_between(0.06, 0.3);
	draw_fur(figure.canvas, random, cap, figure.hair_tint, loose_hairs(figure, length));
	if (figure.hair != Hair::cropped && random.chance(0.6))
		draw_fur(figure.canvas, random, cap, figure.hair_tint,
			 loose_hairs(figure, random.log_between(0.04, 0.1)));
}

} // namespace matting::training
