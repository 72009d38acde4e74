// SPDX-License-Identifier: GPL-2.0-or-later
#include "pictures.hpp"

#include <algorithm>

#include "furniture.hpp"

namespace matting::training {
namespace {

// Wall, floor, perhaps a side wall and a ceiling.
void draw_planes(const Canvas &canvas, Random &random)
{
	const double width = canvas.width(), height = canvas.height();
	cairo_rectangle(canvas, 0, 0, width, height);
	paint(canvas, any_wall(random, 0.3 * height), {});
	if (random.chance(0.6)) {
		const double left = height * random.between(0.6, 0.95),
			     right = left + height * random.between(-0.15, 0.15);
		add_polygon(canvas, {{0, left}, {width, right}, {width, height}, {0, height}});
		paint(canvas, any_wall(random, 0.2 * height), {});
		if (random.chance(0.6)) {
			set_colour(canvas, wall_colour(random));
			cairo_set_line_width(canvas, height * random.between(0.01, 0.03));
			cairo_move_to(canvas, 0, left);
			cairo_line_to(canvas, width, right);
			cairo_stroke(canvas);
		}
	}
	if (random.chance(0.35)) {
		const double x = width * (random.chance(0.5) ? random.between(0.05, 0.35) : random.between(0.65, 0.95));
		const double lean = height * random.between(-0.1, 0.1), end = x < width / 2 ? 0 : width;
		add_polygon(canvas, {{x, 0}, {x + lean, height}, {end, height}, {end, 0}});
		paint(canvas, any_wall(random, 0.3 * height), {});
	}
	if (random.chance(0.4)) { // the light of a lamp or a window on the wall
		const double x = width * random.unit(), y = height * random.unit(),
			     radius = height * random.between(0.4, 1.6);
		const uint32_t warm = random.chance(0.5) ? 0xffe0b0 : 0xe8f0ff;
		set_radial(canvas, {x, y}, radius, {{0, {warm, random.between(0.1, 0.6)}}, {1, {warm, 0}}});
		cairo_paint(canvas);
	}
}

// Soft light and dark over everything, and the colour of the lamps.
void draw_lighting(const Canvas &canvas, Random &random)
{
	cairo_save(canvas);
	cairo_set_operator(canvas, CAIRO_OPERATOR_MULTIPLY);
	const int lights = random.integer(0, 2);
	for (int i = 0; i < lights; i++) {
		const double x = canvas.width() * random.unit(), y = canvas.height() * random.unit();
		const double radius = canvas.height() * random.between(0.5, 2);
		const auto level = static_cast<uint32_t>(random.between(90, 220));
		const uint32_t dark = level << 16 | level << 8 | level;
		if (random.chance(0.5))
			set_radial(canvas, {x, y}, radius, {{0, {0xffffff}}, {1, {dark}}});
		else
			set_linear(canvas, {x, y}, {canvas.width() - x, canvas.height() - y},
				   {{0, {0xffffff}}, {1, {dark}}});
		cairo_paint(canvas);
	}
	if (random.chance(0.4)) {
		const double red = random.between(0.75, 1), green = random.between(0.85, 1);
		cairo_set_source_rgb(canvas, red, green, random.between(0.7, 1));
		cairo_paint(canvas);
	}
	cairo_restore(canvas);
}

} // namespace

void draw_room(const Canvas &canvas, Random &random)
{
	switch (random.pick({0.14, 0.16, 0.7})) {
	case 0:
		draw_clutter(canvas, random);
		break;
	case 1:
		draw_landscape(canvas, random);
		break;
	default:
		draw_planes(canvas, random);
		constexpr int counts[]{0, 4, 10, 20, 40};
		const int count = counts[random.pick({0.08, 0.27, 0.3, 0.22, 0.13})];
		for (int i = 0; i < count; i++)
			draw_thing(canvas, random);
	}
	draw_lighting(canvas, random);
}

} // namespace matting::training
