// SPDX-License-Identifier: GPL-2.0-or-later
#include "pictures.hpp"

#include <algorithm>
#include <numbers>

#include "furniture.hpp"
#include "noise.hpp"

namespace matting::training {
namespace {

constexpr double pi = std::numbers::pi;

void draw_sky(const Canvas &canvas, Random &random)
{
	const Colour top = random.chance(0.7)
				   ? from_hsv(random.between(0.5, 0.65), random.between(0, 0.7), random.between(0.4, 1))
				   : from_hsv(random.unit(), random.between(0.1, 0.7), random.between(0.1, 0.9));
	const Colour low = mix(top, {1.F, 0.93F, 0.85F}, random.between(0.1, 0.9));
	cairo_rectangle(canvas, 0, 0, canvas.width(), canvas.height());
	paint(canvas, Material(random, top, random.chance(0.5) ? Pattern::mottled : Pattern::plain, canvas.width()),
	      {});
	cairo_pattern_t *haze = cairo_pattern_create_linear(0, 0, 0, canvas.height() * random.between(0.5, 1));
	cairo_pattern_add_color_stop_rgba(haze, 0, low.red, low.green, low.blue, 0);
	cairo_pattern_add_color_stop_rgba(haze, 1, low.red, low.green, low.blue, 0.95);
	cairo_set_source(canvas, haze);
	cairo_pattern_destroy(haze);
	cairo_paint(canvas);
}

// Hills, woods, roofs: an uneven edge, and a texture below it.
void draw_ridge(const Canvas &canvas, Random &random, double y, Colour colour)
{
	const auto x0 = static_cast<float>(random.between(0, 8)), y0 = static_cast<float>(random.between(0, 8));
	const auto scale = static_cast<float>(1 / random.log_between(60, 900));
	const double height = canvas.height() * random.between(0.01, 0.15);
	const int roughness = random.integer(0, 2);
	const bool has_steps = random.chance(0.2);
	std::vector<Point> outline{{-10, canvas.height() + 10.0}};
	for (int x = -10; x <= canvas.width() + 10; x += has_steps ? 60 : 5) {
		const double edge = y + height * noise_at(roughness, x0 + static_cast<float>(x) * scale + 1, y0);
		outline.push_back({static_cast<double>(x), edge});
		if (has_steps)
			outline.push_back({x + 60.0, edge});
	}
	outline.push_back({canvas.width() + 10.0, canvas.height() + 10.0});
	add_polygon(canvas, outline);
	constexpr Pattern patterns[]{Pattern::photograph, Pattern::mottled, Pattern::plain};
	paint(canvas,
	      Material(random, colour, patterns[random.pick({0.55, 0.3, 0.15})],
		       canvas.height() * random.log_between(0.1, 1)),
	      {});
}

void draw_grass(const Canvas &canvas, Random &random, double y, Colour colour)
{
	const int count = random.integer(200, 1200);
	const double length = canvas.height() * random.log_between(0.02, 0.25);
	for (int i = 0; i < count; i++) {
		const double depth = random.unit(), x = canvas.width() * random.unit(),
			     root = std::lerp(y, canvas.height(), depth);
		const double reach = length * (0.3 + depth) * random.between(0.5, 1),
			     lean = reach * 0.4 * random.normal();
		set_colour(canvas, varied(random, colour * random.between(0.4, 1.6), 0.08));
		fill_strand(canvas,
			    {{x, root},
			     {x, root - 0.4 * reach},
			     {x + 0.3 * lean, root - 0.8 * reach},
			     {x + lean, root - reach}},
			    1.5 + 0.06 * reach);
	}
}

void draw_foliage(const Canvas &canvas, Random &random, Point centre, double size, Colour colour)
{
	const int count = random.integer(100, 700);
	for (int i = 0; i < count; i++) {
		const double x = centre.x + 0.45 * size * random.normal(), y = centre.y + 0.4 * size * random.normal();
		const double light = 1 - 0.5 * (y - centre.y) / size, length = size * random.between(0.015, 0.08);
		set_colour(canvas, varied(random, colour * (light * random.between(0.4, 1.4)), 0.1));
		add_ellipse(canvas, {x, y}, length, length * random.between(0.3, 0.8), random.between(0, pi));
		cairo_fill(canvas);
	}
}

// Lamps far out of focus.
void draw_bokeh(const Canvas &canvas, Random &random)
{
	const int count = random.integer(5, 60);
	const double size = canvas.height() * random.log_between(0.01, 0.08);
	for (int i = 0; i < count; i++) {
		const double hue = random.between(0, 0.2), x = canvas.width() * random.unit(),
			     y = canvas.height() * random.unit();
		const double radius = size * random.between(0.7, 1.3);
		set_colour(canvas, from_hsv(hue, random.between(0, 0.8), 1), random.between(0.15, 0.8));
		fill_ellipse(canvas, {x, y}, radius, radius);
	}
}

} // namespace

void draw_clutter(const Canvas &canvas, Random &random)
{
	const double width = canvas.width(), height = canvas.height();
	cairo_rectangle(canvas, 0, 0, width, height);
	const Colour ground = wall_colour(random);
	paint(canvas, Material(random, ground, Pattern::photograph, 0.5 * height), {});
	const int count = random.integer(30, 250);
	// As many small things as there is room between the large ones: sizes go by a power law.
	double largest = 0.35;
	for (int i = 0; i < count; i++) {
		const double x = width * random.unit(), y = height * random.unit();
		const double size = height * std::max(0.008, largest * std::pow(random.between(0.02, 1), 1.5));
		largest = std::max(0.05, largest * 0.985);
		const double flat = random.log_between(0.3, 1);
		if (random.chance(0.3))
			add_polygon(canvas,
				    rough_ellipse(random, {x, y}, size, flat * size, 0.2, random.integer(3, 6)));
		else
			add_shape(canvas,
				  rough_ellipse(random, {x, y}, size, flat * size, 0.15, random.integer(5, 12)));
		const Colour colour = random.chance(0.5) ? varied(random, ground * random.between(0.3, 1.7), 0.1)
							 : wall_colour(random);
		const Pattern pattern = random.chance(0.4)   ? Pattern::photograph
					: random.chance(0.5) ? Pattern::mottled
							     : Pattern::plain;
		if (size > 0.03 * height)
			paint(canvas, Material(random, colour, pattern, size), flat_light(random, size));
		else {
			set_colour(canvas, colour);
			cairo_fill(canvas);
		}
	}
}

void draw_landscape(const Canvas &canvas, Random &random)
{
	const double height = canvas.height();
	draw_sky(canvas, random);
	const Colour far = from_hsv(random.between(0.05, 0.6), random.between(0.05, 0.4), random.between(0.4, 0.8));
	const Colour near = random.chance(0.6) ? from_hsv(random.between(0.08, 0.4), random.between(0.2, 0.8),
							  random.between(0.15, 0.6))
					       : wall_colour(random);
	const int ridges = random.integer(1, 5);
	const double first = height * random.between(0.15, 0.6);
	for (int i = 0; i < ridges; i++) {
		const double share = ridges > 1 ? i / (ridges - 1.0) : 1;
		draw_ridge(canvas, random, std::lerp(first, height * 0.75, share), mix(far, near, share));
	}
	const int trees = random.chance(0.6) ? random.integer(1, 6) : 0;
	for (int i = 0; i < trees; i++) {
		const double x = canvas.width() * random.unit(), y = height * random.between(0.05, 0.7);
		draw_foliage(canvas, random, {x, y}, height * random.log_between(0.1, 0.6), near);
	}
	if (random.chance(0.4))
		draw_grass(canvas, random, height * random.between(0.5, 0.9), near);
	if (random.chance(0.25))
		draw_bokeh(canvas, random);
}

} // namespace matting::training
