// SPDX-License-Identifier: GPL-2.0-or-later
#include "pictures.hpp"

#include <algorithm>
#include <cmath>

namespace matting::demo {
namespace {

void draw_wall(cairo_t *cairo)
{
	set_linear(cairo, {0, 0}, {width, 0}, {{0, {0xd8cfc0}}, {0.45, {0xc2b8aa}}, {1, {0x9c9389}}});
	cairo_paint(cairo);
	set_radial(cairo, {330, 180}, 620, {{0, {0xfff3d6, 0.55}}, {1, {0xfff3d6, 0}}});
	cairo_paint(cairo);
	set_linear(cairo, {0, 420}, {0, height}, {{0, {0x3a2e26, 0}}, {1, {0x3a2e26, 0.35}}});
	cairo_paint(cairo);
}

void draw_curtain(cairo_t *cairo, double x, double curtain_width)
{
	constexpr int folds = 5;
	for (int i = 0; i < folds; i++) {
		const double fold = curtain_width / folds, left = x + i * fold;
		set_linear(cairo, {left, 0}, {left + fold, 0},
			   {{0, {0x9a8f80}}, {0.35, {0xf0e8d8}}, {0.7, {0xd9cfbd}}, {1, {0x8f8475}}});
		fill_rectangle(cairo, left - 0.5, 28, fold + 1, 470);
	}
}

void draw_window(cairo_t *cairo)
{
	constexpr double x = 92, y = 52, window_width = 264, window_height = 352;
	set_ink(cairo, {0xf4f1ea});
	fill_rectangle(cairo, x - 16, y - 16, window_width + 32, window_height + 32);
	set_linear(cairo, {0, y}, {0, y + window_height},
		   {{0, {0xa9cdea}}, {0.55, {0xe6f0f2}}, {0.56, {0x9db48a}}, {1, {0x6f8b62}}});
	fill_rectangle(cairo, x, y, window_width, window_height);
	cairo_save(cairo);
	cairo_rectangle(cairo, x, y, window_width, window_height);
	cairo_clip(cairo);
	Random random(7);
	for (int i = 0; i < 26; i++) {
		set_ink(cairo, mix({0x5d7f54}, {0x9dba7f}, random.between(0, 1)));
		fill_ellipse(cairo, {x + random.between(0, window_width), y + random.between(190, 250)},
			     random.between(16, 40), random.between(18, 46));
	}
	cairo_restore(cairo);
	set_ink(cairo, {0xf4f1ea});
	fill_rectangle(cairo, x + window_width / 2 - 6, y, 12, window_height);
	fill_rectangle(cairo, x, y + window_height * 0.42, window_width, 10);
	set_linear(cairo, {0, y + window_height + 12}, {0, y + window_height + 34}, {{0, {0xffffff}}, {1, {0xc9c2b4}}});
	fill_rectangle(cairo, x - 30, y + window_height + 12, window_width + 60, 20);
	draw_curtain(cairo, 18, 92);
	draw_curtain(cairo, 338, 92);
	set_ink(cairo, {0x4a3d33});
	fill_rectangle(cairo, 8, 20, 436, 9);
}

void draw_painting(cairo_t *cairo)
{
	constexpr double x = 468, y = 48, painting_width = 250, painting_height = 176;
	set_ink(cairo, {0x2b211b, 0.25});
	fill_rectangle(cairo, x + 8, y + 10, painting_width, painting_height);
	set_ink(cairo, {0xb48f63});
	fill_rectangle(cairo, x, y, painting_width, painting_height);
	set_ink(cairo, {0xd3c6b1});
	fill_rectangle(cairo, x + 9, y + 9, painting_width - 18, painting_height - 18);
	set_ink(cairo, {0xd6875b});
	fill_ellipse(cairo, {x + 88, y + 78}, 38, 38);
	set_ink(cairo, {0x3f6d7d});
	fill_shape(cairo,
		   {{x + 26, y + 145}, {x + 90, y + 98}, {x + 150, y + 122}, {x + 226, y + 84}, {x + 224, y + 150}});
	set_ink(cairo, {0x27424c});
	fill_shape(cairo, {{x + 26, y + 152}, {x + 120, y + 122}, {x + 222, y + 140}, {x + 222, y + 156}});
}

// A row of books from `x` on, standing on `y`; the last one leans.
void draw_books(cairo_t *cairo, Random &random, double x, double end, double y, double tallest)
{
	static constexpr uint32_t colours[] = {0x8c3f34, 0x2f5d62, 0xd0a24c, 0x49506f,
					       0xe3d9c6, 0x6d7f57, 0xb5694a, 0x3a3532};
	while (true) {
		const double thickness = random.between(13, 30), book_height = tallest * random.between(0.72, 1);
		if (x + thickness > end)
			return;
		const Ink cover{colours[random.next() % std::size(colours)]};
		set_linear(cairo, {x, 0}, {x + thickness, 0},
			   {{0, mix(cover, {0}, 0.25)}, {0.4, cover}, {1, mix(cover, {0}, 0.35)}});
		fill_rectangle(cairo, x, y - book_height, thickness, book_height);
		set_ink(cairo, mix(cover, {0xf5e7c8}, 0.6));
		fill_rectangle(cairo, x + 3, y - book_height * 0.84, thickness - 6, 4);
		fill_rectangle(cairo, x + 3, y - book_height * 0.24, thickness - 6, 3);
		x += thickness + 1;
	}
}

void draw_leaf(cairo_t *cairo, Point root, double angle, double length, Ink ink)
{
	cairo_save(cairo);
	cairo_translate(cairo, root.x, root.y);
	cairo_rotate(cairo, angle);
	set_ink(cairo, mix(ink, {0x20301c}, 0.4));
	stroke_curve(cairo, {0, 0}, {length * 0.2, -4}, {length * 0.3, -4}, {length * 0.45, 0}, 3);
	set_linear(cairo, {0, -length * 0.2}, {0, length * 0.2},
		   {{0, mix(ink, {0xffffff}, 0.2)}, {1, mix(ink, {0}, 0.3)}});
	fill_shape(cairo,
		   {{length * 0.4, 0}, {length * 0.6, -length * 0.17}, {length, 0}, {length * 0.6, length * 0.17}});
	set_ink(cairo, mix(ink, {0xe5f0c8}, 0.4));
	stroke_curve(cairo, {length * 0.42, 0}, {length * 0.6, 1}, {length * 0.8, 1}, {length * 0.97, 0}, 1.5);
	cairo_restore(cairo);
}

void draw_plant(cairo_t *cairo, Point pot, double scale, uint32_t seed)
{
	Random random(seed);
	for (int i = 0; i < 17; i++)
		draw_leaf(cairo, {pot.x + random.between(-8, 8) * scale, pot.y}, -1.57 + random.between(-1.25, 1.25),
			  scale * random.between(90, 190), mix({0x35603a}, {0x79a05a}, random.between(0, 1)));
	set_linear(cairo, {pot.x - 50 * scale, 0}, {pot.x + 50 * scale, 0},
		   {{0, {0xe9dccb}}, {0.4, {0xd8c6b0}}, {1, {0x8d7b69}}});
	fill_shape(cairo, {{pot.x - 46 * scale, pot.y - 8 * scale},
			   {pot.x + 46 * scale, pot.y - 8 * scale},
			   {pot.x + 40 * scale, pot.y + 50 * scale},
			   {pot.x + 22 * scale, pot.y + 92 * scale},
			   {pot.x - 22 * scale, pot.y + 92 * scale},
			   {pot.x - 40 * scale, pot.y + 50 * scale}});
}

void draw_shelf(cairo_t *cairo)
{
	constexpr double x = 896, y = 84, shelf_width = 326, bottom = 720, board = 14, spacing = 158;
	set_linear(cairo, {x - 60, 0}, {x, 0}, {{0, {0x2b211b, 0}}, {1, {0x2b211b, 0.22}}});
	fill_rectangle(cairo, x - 60, y + 10, 60, bottom - y);
	set_linear(cairo, {x, 0}, {x + shelf_width, 0}, {{0, {0x6d4d35}}, {1, {0x4f3625}}});
	fill_rectangle(cairo, x, y, shelf_width, bottom - y);
	Random random(24);
	for (double top = y + board; top < bottom; top += spacing) {
		set_linear(cairo, {0, top}, {0, top + spacing - board},
			   {{0, {0x241812}}, {0.35, {0x4a3325}}, {1, {0x573d2c}}});
		fill_rectangle(cairo, x + board, top, shelf_width - 2 * board, spacing - board);
	}
	const double left = x + board + 4, right = x + shelf_width - board - 6;
	draw_books(cairo, random, left, left + 190, y + spacing, 118);
	draw_plant(cairo, {right - 48, y + spacing - 52}, 0.55, 5);
	draw_books(cairo, random, left + 110, right, y + 2 * spacing, 124);
	set_linear(cairo, {left, 0}, {left + 90, 0}, {{0, {0xd9b98a}}, {1, {0x94734a}}});
	fill_rectangle(cairo, left + 6, y + 2 * spacing - 62, 88, 62);
	draw_books(cairo, random, left, left + 150, y + 3 * spacing, 112);
	set_radial(cairo, {right - 84, y + 3 * spacing - 66}, 60, {{0, {0xf7f2e6}}, {1, {0xa7b3b5}}});
	fill_ellipse(cairo, {right - 70, y + 3 * spacing - 48}, 46, 48);
	draw_books(cairo, random, left, right, y + 4 * spacing, 120);
	for (double top = y; top < bottom; top += spacing) {
		set_linear(cairo, {0, top}, {0, top + board}, {{0, {0x9a714f}}, {1, {0x6a4a33}}});
		fill_rectangle(cairo, x, top, shelf_width, board);
	}
	set_ink(cairo, {0x7d5a3f});
	fill_rectangle(cairo, x, y, board, bottom - y);
	fill_rectangle(cairo, x + shelf_width - board, y, board, bottom - y);
}

void draw_sofa(cairo_t *cairo)
{
	for (const double left : {318.0, 604.0}) {
		set_linear(cairo, {0, 505}, {0, 720}, {{0, {0x6f8d80}}, {0.25, {0x557265}}, {1, {0x34493f}}});
		fill_shape(cairo, {{left + 6, 530},
				   {left + 60, 510},
				   {left + 225, 510},
				   {left + 276, 530},
				   {left + 284, 640},
				   {left + 276, 790},
				   {left + 8, 790},
				   {left - 2, 640}});
	}
	set_linear(cairo, {240, 0}, {350, 0}, {{0, {0x7b998c}}, {1, {0x43594f}}});
	fill_shape(cairo, {{246, 610}, {266, 578}, {322, 578}, {346, 612}, {350, 790}, {240, 790}});
	set_linear(cairo, {850, 0}, {950, 0}, {{0, {0x5d7a6d}}, {1, {0x344840}}});
	fill_shape(cairo, {{846, 612}, {868, 578}, {924, 578}, {946, 610}, {950, 790}, {842, 790}});
	set_linear(cairo, {380, 560}, {480, 700}, {{0, {0xe9e4d8}}, {1, {0xa9a596}}});
	fill_shape(cairo, {{366, 590}, {440, 566}, {492, 584}, {500, 690}, {470, 735}, {380, 730}, {352, 690}});
}

} // namespace

void draw_room(Canvas &canvas)
{
	draw_wall(canvas);
	draw_window(canvas);
	draw_painting(canvas);
	draw_shelf(canvas);
	draw_plant(canvas, {196, 590}, 1.25, 11);
	draw_sofa(canvas);
	canvas.blur(1);
}

} // namespace matting::demo
