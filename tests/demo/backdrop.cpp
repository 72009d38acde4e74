// SPDX-License-Identifier: GPL-2.0-or-later
#include "pictures.hpp"

#include <cmath>

namespace matting::demo {
namespace {

constexpr double horizon = 438;
constexpr Point sun{300, 398};

void draw_sky(const Canvas &canvas)
{
	set_linear(canvas, {0, 0}, {0, horizon},
		   {{0, {0x27386b}}, {0.4, {0x6a5a92}}, {0.7, {0xd98a86}}, {0.9, {0xf8b878}}, {1, {0xffd99a}}});
	fill_rectangle(canvas, 0, 0, width, horizon);
	set_radial(canvas, sun, 420,
		   {{0, {0xfff0c0, 0.85}}, {0.12, {0xffd890, 0.45}}, {0.5, {0xff9c86, 0.15}}, {1, {0xe0708a, 0}}});
	fill_rectangle(canvas, 0, 0, width, horizon);
	Canvas clouds(width, height);
	Random random(3);
	for (int bank = 0; bank < 9; bank++) {
		const Point centre{random.between(0, width), random.between(70, 330)};
		for (int i = 0; i < 12; i++) {
			set_ink(clouds, mix({0xffd3b0}, {0x8a6a9a}, random.between(0, 1) * (1 - centre.y / 420)));
			fill_ellipse(clouds, {centre.x + 75 * random.normal(), centre.y + 7 * random.normal()},
				     random.between(30, 95), random.between(3, 9));
		}
	}
	clouds.blur(6);
	cairo_set_source_surface(canvas, clouds.surface(), 0, 0);
	cairo_paint_with_alpha(canvas, 0.55);
	set_radial(canvas, sun, 34, {{0, {0xfffbe6}}, {0.85, {0xfff0c0}}, {1, {0xfff0c0, 0}}});
	fill_ellipse(canvas, sun, 34, 34);
}

// A ridge whose height is a sum of waves; nearer ones are darker.
void draw_ridge(cairo_t *cairo, double base, double tallest, double offset, Ink top, Ink bottom)
{
	cairo_move_to(cairo, 0, horizon);
	for (int x = 0; x <= width; x += 4) {
		const double u = (x + offset) / width;
		const double waves = 0.5 + 0.28 * std::sin(6.1 * u) + 0.14 * std::sin(17 * u + 1) +
				     0.06 * std::sin(41 * u + 2) + 0.03 * std::sin(97 * u);
		cairo_line_to(cairo, x, base - tallest * std::max(0.0, waves));
	}
	cairo_line_to(cairo, width, horizon);
	cairo_close_path(cairo);
	set_linear(cairo, {0, base - tallest}, {0, horizon}, {{0, top}, {1, bottom}});
	cairo_fill(cairo);
}

void draw_sea(cairo_t *cairo)
{
	set_linear(cairo, {0, horizon}, {0, height},
		   {{0, {0xe3a98e}}, {0.18, {0x9a7f9b}}, {0.55, {0x4b5687}}, {1, {0x222d57}}});
	fill_rectangle(cairo, 0, horizon, width, height - horizon);
	Random random(9);
	for (int i = 0; i < 2600; i++) {
		const double depth = std::pow(random.between(0, 1), 1.7), y = horizon + 2 + depth * (height - horizon);
		const double length = 5 + 46 * depth;
		// Glitter below the sun, quiet waves elsewhere.
		const double spread = 26 + 150 * depth;
		const bool is_glitter = i % 3 != 0;
		const double x = is_glitter ? sun.x + spread * random.normal() : random.between(0, width);
		set_ink(cairo, is_glitter ? Ink{0xffdf9e, random.between(0.12, 0.5)}
					  : Ink{random.next() % 2 ? 0xf0b9a8u : 0x1d2752u, random.between(0.06, 0.2)});
		fill_ellipse(cairo, {x, y}, length / 2, 0.5 + 1.7 * depth);
	}
}

void draw_grass(cairo_t *cairo)
{
	Random random(15);
	set_linear(cairo, {0, 610}, {0, height}, {{0, {0x2a2440}}, {1, {0x14132a}}});
	fill_shape(cairo, {{-40, 640}, {150, 652}, {330, 700}, {420, 760}, {-40, 780}});
	set_linear(cairo, {0, 600}, {0, height}, {{0, {0x2a2440}}, {1, {0x14132a}}});
	fill_shape(cairo, {{1330, 610}, {1140, 640}, {980, 690}, {890, 760}, {1330, 780}});
	for (int i = 0; i < 260; i++) {
		const bool on_left = i % 2 == 0;
		const double x = on_left ? random.between(-10, 340) : random.between(950, width + 10);
		const double ground = on_left ? 640 + 0.2 * x : 600 + 0.28 * (width - x);
		const double blade = random.between(25, 95), lean = random.between(-10, 40);
		set_ink(cairo, mix({0x14132a}, {0x54405f}, random.between(0, 0.7)));
		stroke_curve(cairo, {x, ground + 60}, {x, ground + 20}, {x + lean * 0.3, ground - blade * 0.6},
			     {x + lean, ground - blade + 30}, random.between(1.2, 2.8));
	}
}

} // namespace

void draw_backdrop(const Canvas &canvas)
{
	draw_sky(canvas);
	draw_ridge(canvas, horizon + 8, 150, 900, {0x8d7196}, {0xd9a08f});
	draw_ridge(canvas, horizon + 22, 112, 300, {0x5f5480}, {0xa27a8c});
	draw_sea(canvas);
	draw_grass(canvas);
}

} // namespace matting::demo
