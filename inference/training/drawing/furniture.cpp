// SPDX-License-Identifier: GPL-2.0-or-later
#include "furniture.hpp"

#include <algorithm>
#include <numbers>

#include "pictures.hpp"

namespace matting::training {
namespace {

constexpr double pi = std::numbers::pi;

void add_box(const Canvas &canvas, double x, double y, double width, double height)
{
	cairo_rectangle(canvas, x, y, width, height);
}

void draw_books(const Canvas &canvas, Random &random, double x, double end, double bottom, double tallest)
{
	while (x < end) {
		const double width = tallest * random.between(0.05, 0.2) + 2,
			     height = tallest * random.between(0.55, 1);
		const Colour colour = cloth_colour(random);
		set_colour(canvas, colour);
		fill_rectangle(canvas, x, bottom - height, std::min(width, end - x), height);
		set_colour(canvas, random.chance(0.5) ? colour * 0.6 : mix(colour, {1, 1, 1}, 0.5), 0.8);
		fill_rectangle(canvas, x, bottom - height * random.between(0.6, 0.9), std::min(width, end - x),
			       0.06 * height);
		x += width;
		if (random.chance(0.12))
			x += width * random.between(0.5, 4);
	}
}

void draw_shelf(const Canvas &canvas, Random &random, double x, double y, double width, double height)
{
	const Colour wood = wall_colour(random);
	if (random.chance(0.6)) {
		set_colour(canvas, wood * 0.4);
		fill_rectangle(canvas, x, y, width, height);
	}
	const int boards = random.integer(1, 5);
	for (int i = 1; i <= boards; i++) {
		const double bottom = y + height * i / boards, room = height / boards;
		draw_books(canvas, random, x + 0.02 * width, x + width * random.between(0.4, 0.98), bottom,
			   0.85 * room);
		set_colour(canvas, wood);
		fill_rectangle(canvas, x, bottom, width, std::max(2.0, 0.08 * room));
	}
}

// A picture, a poster, a screen, a mirror.
void draw_frame(const Canvas &canvas, Random &random, double x, double y, double width, double height)
{
	set_colour(canvas, {0, 0, 0}, random.between(0, 0.4));
	fill_rectangle(canvas, x + 0.04 * width, y + 0.05 * width, width, height);
	add_box(canvas, x, y, width, height);
	paint(canvas, any_wall(random, 0.2 * width), flat_light(random, 0.2 * width));
	const double rim = std::min(width, height) * random.between(0.02, 0.15);
	cairo_save(canvas);
	add_box(canvas, x + rim, y + rim, width - 2 * rim, height - 2 * rim);
	cairo_clip(canvas);
	add_box(canvas, x + rim, y + rim, width - 2 * rim, height - 2 * rim);
	const Colour colour = cloth_colour(random);
	const Pattern pattern = random.chance(0.5)   ? Pattern::photograph
				: random.chance(0.5) ? Pattern::plain
						     : Pattern::print;
	paint(canvas, Material(random, colour, pattern, 0.6 * width), {});
	if (random.chance(0.4)) {
		set_colour(canvas, cloth_colour(random));
		const int lines = random.integer(1, 9);
		const double size = height * random.between(0.06, 0.25);
		for (int i = 0; i < lines; i++)
			stroke_writing(canvas, random, {x + 1.5 * rim, y + 2 * rim + size * (1 + i)}, 0.8 * size,
				       random.integer(2, 14));
	}
	cairo_restore(canvas);
}

void draw_plant(const Canvas &canvas, Random &random, Point root, double size)
{
	const double hue = random.between(0.18, 0.45), saturation = random.between(0.2, 0.85);
	const Colour green = from_hsv(hue, saturation, random.between(0.15, 0.7));
	const int leaves = random.integer(15, 90);
	const bool is_palm = random.chance(0.5);
	for (int i = 0; i < leaves; i++) {
		set_colour(canvas, varied(random, green * random.between(0.4, 1.5), 0.08));
		if (is_palm) {
			const double angle = -pi / 2 + 0.7 * random.normal(), length = size * random.between(0.4, 1);
			const double x = length * std::cos(angle), y = length * std::sin(angle),
				     droop = length * random.between(0, 0.5);
			fill_strand(canvas,
				    {root,
				     {root.x + 0.4 * x, root.y + 0.5 * y},
				     {root.x + 0.8 * x, root.y + y},
				     {root.x + x, root.y + y + droop}},
				    size * random.between(0.02, 0.08));
		} else {
			const Point leaf{root.x + 0.3 * size * random.normal(),
					 root.y - 0.5 * size + 0.3 * size * random.normal()};
			const double length = size * random.between(0.03, 0.15),
				     width = length * random.between(0.2, 0.6);
			add_ellipse(canvas, leaf, length, width, random.between(0, pi));
			cairo_fill(canvas);
		}
	}
	if (random.chance(0.7)) {
		add_polygon(canvas, {{root.x - 0.2 * size, root.y - 0.05 * size},
				     {root.x + 0.2 * size, root.y - 0.05 * size},
				     {root.x + 0.14 * size, root.y + 0.3 * size},
				     {root.x - 0.14 * size, root.y + 0.3 * size}});
		paint(canvas, any_cloth(random, size), flat_light(random, 0.4 * size));
	}
}

void draw_window(const Canvas &canvas, Random &random, double x, double y, double width, double height)
{
	add_box(canvas, x, y, width, height);
	const Colour sky =
		random.chance(0.3) ? Colour{0.03F, 0.04F, 0.08F} : mix({0.6F, 0.75F, 0.95F}, {1, 1, 1}, random.unit());
	paint(canvas, Material(random, sky, random.chance(0.5) ? Pattern::photograph : Pattern::plain, width), {});
	const Colour rim = wall_colour(random);
	set_colour(canvas, rim);
	cairo_set_line_width(canvas, width * random.between(0.02, 0.08));
	const int columns = random.integer(1, 3), rows = random.integer(1, 3);
	for (int column = 0; column <= columns; column++) {
		cairo_move_to(canvas, x + width * column / columns, y);
		cairo_rel_line_to(canvas, 0, height);
	}
	for (int row = 0; row <= rows; row++) {
		cairo_move_to(canvas, x, y + height * row / rows);
		cairo_rel_line_to(canvas, width, 0);
	}
	cairo_stroke(canvas);
	if (random.chance(0.3)) { // a blind
		set_colour(canvas, rim, 0.85);
		const double step = height * random.between(0.03, 0.1), low = height * random.between(0.3, 1);
		for (double slat = 0; slat < low; slat += step)
			fill_rectangle(canvas, x, y + slat, width, step * 0.6);
	}
}

void draw_curtain(const Canvas &canvas, Random &random, double x, double width)
{
	const Colour colour = cloth_colour(random);
	const int folds = random.integer(3, 14);
	for (int i = 0; i < folds; i++) {
		const double left = x + width * i / folds, next = width / folds, depth = random.between(0.45, 0.85);
		cairo_pattern_t *fold = cairo_pattern_create_linear(left, 0, left + next, 0);
		const Colour dark = colour * depth;
		cairo_pattern_add_color_stop_rgb(fold, 0, dark.red, dark.green, dark.blue);
		cairo_pattern_add_color_stop_rgb(fold, random.between(0.3, 0.7), colour.red, colour.green, colour.blue);
		cairo_pattern_add_color_stop_rgb(fold, 1, dark.red, dark.green, dark.blue);
		cairo_set_source(canvas, fold);
		cairo_pattern_destroy(fold);
		fill_rectangle(canvas, left, 0, next + 1, canvas.height());
	}
}

void draw_sofa(const Canvas &canvas, Random &random, double x, double y, double width)
{
	const double height = 0.45 * width;
	const Material cover = any_cloth(random, 0.4 * width);
	for (const double part : {0.0, 0.5}) {
		add_shape(canvas, {{x + part * width, y},
				   {x + (part + 0.5) * width, y},
				   {x + (part + 0.5) * width, y + height},
				   {x + part * width, y + height}});
		paint(canvas, cover, flat_light(random, 0.4 * width));
	}
	const int cushions = random.integer(0, 4);
	for (int i = 0; i < cushions; i++) {
		const Point middle{x + width * random.between(0, 1), y + height * random.between(0.2, 0.7)};
		const double size = width * random.between(0.08, 0.18), lean = random.between(-0.5, 0.5);
		std::vector<Point> outline;
		for (int corner = 0; corner < 8; corner++) {
			const double angle = lean + pi * corner / 4, radius = size * (corner % 2 ? 1.35 : 1);
			outline.push_back({middle.x + radius * std::cos(angle), middle.y + radius * std::sin(angle)});
		}
		add_shape(canvas, outline);
		paint(canvas, any_cloth(random, size), flat_light(random, size));
	}
	add_box(canvas, x - 0.05 * width, y + 0.75 * height, 1.1 * width, 0.6 * height);
	paint(canvas, cover, flat_light(random, 0.4 * width));
}

void draw_cupboard(const Canvas &canvas, Random &random, double x, double y, double width, double height)
{
	const Material wood = any_wall(random, width);
	const int columns = random.integer(1, 4), rows = random.integer(1, 4);
	set_colour(canvas, {0.05F, 0.04F, 0.04F});
	fill_rectangle(canvas, x, y, width, height);
	const double gap = std::max(1.0, width * random.between(0.004, 0.02)), w = width / columns, h = height / rows;
	const Light light = flat_light(random, 0.1 * width);
	const bool has_knobs = random.chance(0.7);
	for (int i = 0; i < columns * rows; i++) {
		const double left = x + w * (i % columns), top = y + h * (i / columns);
		add_box(canvas, left + gap, top + gap, w - 2 * gap, h - 2 * gap);
		paint(canvas, wood, light);
		if (has_knobs) {
			set_colour(canvas, {0.7F, 0.7F, 0.7F});
			fill_ellipse(canvas, {left + 0.85 * w, top + 0.5 * h}, 0.03 * w + 1, 0.03 * w + 1);
		}
	}
}

void draw_lamp(const Canvas &canvas, Random &random, Point place, double size)
{
	const Colour shade = mix(cloth_colour(random), {1.F, 0.95F, 0.8F}, random.between(0.3, 1));
	set_colour(canvas, {0.1F, 0.1F, 0.1F});
	fill_rectangle(canvas, place.x - 0.03 * size, place.y, 0.06 * size, canvas.height());
	set_radial(canvas, place, 2.5 * size, {{0, {0xfff0d0, random.between(0.2, 0.8)}}, {1, {0xfff0d0, 0}}});
	cairo_arc(canvas, place.x, place.y, 2.5 * size, 0, 2 * pi);
	cairo_fill(canvas);
	add_polygon(canvas, {{place.x - 0.3 * size, place.y - 0.4 * size},
			     {place.x + 0.3 * size, place.y - 0.4 * size},
			     {place.x + 0.5 * size, place.y + 0.3 * size},
			     {place.x - 0.5 * size, place.y + 0.3 * size}});
	set_colour(canvas, shade);
	cairo_fill(canvas);
}

void draw_cable(const Canvas &canvas, Random &random, Point from, double size)
{
	set_colour(canvas, cloth_colour(random));
	const auto near = [&] {
		const double x = size * random.normal();
		return Point{from.x + x, from.y + size * random.normal()};
	};
	const Point first = near(), second = near(), to = near();
	stroke_curve(canvas, from, first, second, to, random.between(1, 7));
}

} // namespace

Light flat_light(Random &random, double size)
{
	Light light{random.between(0, 2 * pi)};
	light.rounding = size * random.log_between(0.03, 0.3);
	light.depth = random.chance(0.5) ? random.between(0, 0.3) : 0;
	light.contrast = random.chance(0.5) ? random.between(0, 0.4) : 0;
	return light;
}

Material any_wall(Random &random, double size)
{
	const Colour colour = wall_colour(random);
	return Material::wall(random, colour, size);
}

Material any_cloth(Random &random, double size)
{
	const Colour colour = cloth_colour(random);
	return Material::cloth(random, colour, size);
}

void draw_thing(const Canvas &canvas, Random &random)
{
	const double width = canvas.width(), height = canvas.height();
	const double x = width * random.between(-0.1, 1), y = height * random.between(-0.1, 0.95);
	const double size = height * random.log_between(0.03, 0.5), stretch = random.log_between(0.5, 2);
	switch (random.pick({0.2, 0.13, 0.1, 0.07, 0.05, 0.08, 0.1, 0.04, 0.06, 0.12, 0.05})) {
	case 0:
		return draw_frame(canvas, random, x, y, size, size * stretch);
	case 1:
		return draw_shelf(canvas, random, x, y, 1.5 * size, size * stretch);
	case 2:
		return draw_plant(canvas, random, {x, y}, size);
	case 3:
		return draw_window(canvas, random, x, y, size, size * stretch);
	case 4:
		return draw_curtain(canvas, random, x, size);
	case 5:
		return draw_sofa(canvas, random, x, height * random.between(0.45, 0.85), 2 * size);
	case 6:
		return draw_cupboard(canvas, random, x, y, size, size * stretch);
	case 7:
		return draw_lamp(canvas, random, {x, y}, 0.5 * size);
	case 8:
		return draw_cable(canvas, random, {x, y}, size);
	case 9:
		add_shape(canvas, rough_ellipse(random, {x, y}, 0.5 * size, 0.5 * size * stretch, 0.12, 9));
		return paint(canvas, any_cloth(random, size), flat_light(random, size));
	default:
		set_colour(canvas, cloth_colour(random));
		return stroke_writing(canvas, random, {x, y}, 0.4 * size, random.integer(2, 12));
	}
}

} // namespace matting::training
