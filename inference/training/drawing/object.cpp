// SPDX-License-Identifier: GPL-2.0-or-later
#include "pictures.hpp"

#include <algorithm>
#include <numbers>

namespace matting::training {
namespace {

constexpr double pi = std::numbers::pi;

Colour any_colour(Random &random)
{
	switch (random.pick({0.25, 0.15, 0.6})) {
	case 0:
		return hair_colour(random);
	case 1:
		return skin_colour(random);
	default:
		return cloth_colour(random);
	}
}

Light any_light(Random &random, double size)
{
	Light light{random.between(0, 2 * pi)};
	light.rounding = size * random.log_between(0.05, 0.6);
	light.depth = random.between(0, 0.5);
	light.contrast = random.between(0, 0.5);
	return light;
}

// A sum of waves round a circle.
std::vector<Point> wavy_outline(Random &random, Point centre, double size)
{
	constexpr int count = 64;
	double radii[count];
	std::fill(std::begin(radii), std::end(radii), 1);
	const int waves = random.integer(3, 9);
	for (int wave = 2; wave <= waves; wave++) {
		const double height = 0.5 / wave * random.normal(), phase = random.between(0, 2 * pi);
		for (int i = 0; i < count; i++)
			radii[i] += height * std::cos(wave * 2 * pi * i / count + phase);
	}
	const double flatness = random.between(0.6, 1.4);
	std::vector<Point> points;
	for (int i = 0; i < count; i++) {
		const double angle = 2 * pi * i / count, radius = size * std::clamp(radii[i], 0.15, 1.9);
		points.push_back({centre.x + radius * std::cos(angle), centre.y + flatness * radius * std::sin(angle)});
	}
	return points;
}

std::vector<Point> corners(Random &random, Point centre, double size)
{
	const int count = random.integer(3, 9);
	const double turned = random.between(0, 2 * pi), flatness = random.between(0.3, 1);
	std::vector<Point> points;
	for (int i = 0; i < count; i++) {
		const double angle = 2 * pi * (i + random.between(-0.3, 0.3)) / count,
			     radius = size * random.between(0.5, 1.4);
		const double x = radius * std::cos(angle), y = flatness * radius * std::sin(angle);
		points.push_back({centre.x + x * std::cos(turned) - y * std::sin(turned),
				  centre.y + x * std::sin(turned) + y * std::cos(turned)});
	}
	return points;
}

void draw_branches(const Canvas &canvas, Random &random, Point from, double size, const Material &material)
{
	double angle = random.between(0, 2 * pi);
	const int count = random.integer(2, 9);
	for (int i = 0; i < count; i++) {
		const double length = size * random.between(0.3, 1);
		const Point to{std::clamp(from.x + length * std::cos(angle), 10.0, canvas.width() - 10.0),
			       std::clamp(from.y + length * std::sin(angle), 10.0, canvas.height() - 10.0)};
		const double thick = size * random.log_between(0.01, 0.3), thin = size * random.log_between(0.01, 0.2);
		add_limb(canvas, from, to, thick, thin);
		paint(canvas, material, any_light(random, thick));
		angle += random.between(-1.4, 1.4);
		if (random.chance(0.7))
			from = to;
	}
}

// Long thin leaves or feathers from one root.
void draw_leaves(const Canvas &canvas, Random &random, Point root, double size, Colour colour)
{
	const int count = random.integer(8, 90);
	const double middle = random.between(0, 2 * pi), spread = random.between(0.5, pi);
	const double width = size * random.log_between(0.01, 0.15);
	for (int i = 0; i < count; i++) {
		const double angle = middle + random.between(-spread, spread), length = size * random.between(0.5, 1.7);
		const double x = length * std::cos(angle), y = length * std::sin(angle), bend = 0.25 * random.normal();
		set_colour(canvas, varied(random, colour * random.between(0.5, 1.4), 0.06));
		fill_strand(canvas,
			    {root,
			     {root.x + 0.4 * x - bend * y, root.y + 0.4 * y + bend * x},
			     {root.x + 0.8 * x - bend * y, root.y + 0.8 * y + bend * x},
			     {root.x + x, root.y + y}},
			    width * random.between(0.5, 1.5));
	}
}

// A creature or a coat: hairs all over, in rings from the middle to the edge.
void draw_fur_ball(const Canvas &canvas, Random &random, Point centre, double size, Colour colour)
{
	const std::vector<Point> outline = wavy_outline(random, centre, 0.85 * size);
	add_shape(canvas, outline);
	paint(canvas, Material(random, colour, Pattern::mottled, size), any_light(random, size));
	const double length = size * random.log_between(0.06, 0.45),
		     width = std::max(0.8, size * random.log_between(0.003, 0.012));
	const Point drift{random.between(-0.8, 0.8), random.between(-0.6, 1)};
	const double stray = random.between(0.15, 0.8), curl = random.between(0.02, 0.5);
	// Undercoat, coat, and the tips that catch the light.
	draw_fur(canvas, random, outline, colour * 0.8,
		 {random.integer(500, 1100), length, 1.3 * width, 0.6 * size, stray, curl, drift});
	draw_fur(canvas, random, outline, colour,
		 {random.integer(500, 1500), length, width, 0.15 * size, stray, curl, drift});
	draw_fur(canvas, random, outline, mix(colour, {1, 1, 1}, random.between(0, 0.6)),
		 {random.integer(300, 900), 1.2 * length, 0.7 * width, 0.1 * size, 1.3 * stray, curl, drift});
}

void draw_solid(const Canvas &canvas, Random &random, Point centre, double size, const Material &material)
{
	cairo_set_fill_rule(canvas, CAIRO_FILL_RULE_EVEN_ODD);
	const bool is_wavy = random.chance(0.55);
	if (is_wavy)
		add_shape(canvas, wavy_outline(random, centre, size));
	else if (random.chance(0.5))
		add_polygon(canvas, corners(random, centre, size));
	else
		add_shape(canvas, corners(random, centre, size));
	const int holes = random.chance(0.25) ? random.integer(1, 4) : 0;
	for (int i = 0; i < holes; i++) {
		const Point hole{centre.x + 0.35 * size * random.normal(), centre.y + 0.35 * size * random.normal()};
		const double radius_x = size * random.between(0.05, 0.3), radius_y = size * random.between(0.05, 0.3);
		add_ellipse(canvas, hole, radius_x, radius_y, random.between(0, pi));
	}
	paint(canvas, material, any_light(random, size), random.chance(0.98) ? 1 : random.between(0.3, 0.9));
	cairo_set_fill_rule(canvas, CAIRO_FILL_RULE_WINDING);
}

} // namespace

void draw_object(const Canvas &canvas, Random &random)
{
	const double side = canvas.width();
	constexpr int counts[]{1, 2, 3, 5};
	const int count = counts[random.pick({0.45, 0.25, 0.2, 0.1})];
	for (int i = 0; i < count; i++) {
		const double x = side * random.between(0.35, 0.65), y = side * random.between(0.35, 0.65);
		const double size = side * random.between(0.15, 0.4);
		const Colour colour = any_colour(random);
		const Material material = Material::cloth(random, colour, size);
		switch (random.pick({0.36, 0.42, 0.1, 0.12})) {
		case 0:
			draw_solid(canvas, random, {x, y}, size, material);
			break;
		case 1:
			draw_fur_ball(canvas, random, {x, y}, size, colour);
			break;
		case 2:
			draw_branches(canvas, random, {x, y}, size, material);
			break;
		default:
			draw_leaves(canvas, random, {x, y}, size, colour);
		}
	}
}

} // namespace matting::training
