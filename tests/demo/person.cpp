// SPDX-License-Identifier: GPL-2.0-or-later
// The streamer: torso, face and hair, drawn about the centre of her face.
#include "pictures.hpp"

#include <cmath>
#include <numbers>

namespace matting::demo {
namespace {

constexpr Point face_centre{640, 272};
constexpr Ink skin{0xe3ab87}, skin_shadow{0xb97a5a}, hair_dark{0x2a1811}, hair_light{0x8a5530}, cloth{0xb8493a};

Point mirrored(Point point, double side)
{
	return {side * point.x, point.y};
}

void draw_torso(cairo_t *cairo)
{
	set_linear(cairo, {-240, 0}, {240, 0},
		   {{0, mix(cloth, {0xffffff}, 0.14)}, {0.45, cloth}, {1, mix(cloth, {0}, 0.38)}});
	fill_shape(cairo, {{0, 152},
			   {50, 144},
			   {106, 172},
			   {160, 204},
			   {194, 286},
			   {212, 390},
			   {222, 520},
			   {-222, 520},
			   {-212, 390},
			   {-194, 286},
			   {-160, 204},
			   {-106, 172},
			   {-50, 144}});
	for (const double side : {-1.0, 1.0}) {
		// The sleeve, and folds that run from the armpit.
		set_ink(cairo, {0x3d120c, 0.4});
		const auto fold = [&](Point from, Point c1, Point c2, Point to, double line) {
			stroke_curve(cairo, mirrored(from, side), mirrored(c1, side), mirrored(c2, side),
				     mirrored(to, side), line);
		};
		fold({130, 296}, {137, 346}, {135, 396}, {141, 480}, 2.4);
		set_ink(cairo, {0x3d120c, 0.16});
		fold({128, 304}, {104, 330}, {84, 342}, {60, 348}, 8);
		fold({132, 352}, {98, 386}, {72, 400}, {36, 406}, 7);
		fold({154, 296}, {172, 326}, {181, 350}, {187, 390}, 8);
		set_ink(cairo, {0xffd9c8, 0.12});
		fold({126, 322}, {104, 346}, {84, 358}, {56, 364}, 6);
		fold({166, 254}, {181, 290}, {188, 320}, {193, 350}, 8);
	}
}

void draw_neck(cairo_t *cairo)
{
	set_linear(cairo, {0, 70}, {0, 165},
		   {{0, skin_shadow}, {0.5, mix(skin, skin_shadow, 0.55)}, {1, mix(skin, skin_shadow, 0.2)}});
	fill_shape(
		cairo,
		{{-34, 60}, {34, 60}, {36, 120}, {60, 152}, {30, 178}, {0, 186}, {-30, 178}, {-60, 152}, {-36, 120}});
	set_ink(cairo, mix(cloth, {0}, 0.25));
	stroke_curve(cairo, {-62, 146}, {-38, 196}, {38, 196}, {62, 146}, 15);
	set_ink(cairo, mix(cloth, {0xffffff}, 0.12));
	stroke_curve(cairo, {-62, 143}, {-38, 192}, {38, 192}, {62, 143}, 8);
}

// Locks of hair from the crown, round the face, to the shoulders. `share`: -1 to 1, from one side to the other.
void draw_strand(cairo_t *cairo, Random &random, double share, double stray, double line_width, double alpha)
{
	const double reach = 112 * share + stray, tip = random.between(-26, 22), wave = random.between(-16, 16);
	const double length = 232 - 46 * std::pow(1 - std::abs(share), 2) + random.between(-34, 20);
	const Ink ink = mix(hair_dark, hair_light, random.between(0, 1) * (share < 0 ? 1 : 0.7));
	set_ink(cairo, {ink.colour, alpha});
	stroke_curve(cairo, {share * 34 - 8, -124 + 10 * std::abs(share)}, {reach * 1.12, -112},
		     {reach * 0.86 + wave, 70}, {reach * 1.02 + tip + stray, length}, line_width);
}

void draw_hair_behind(cairo_t *cairo)
{
	set_linear(cairo, {-120, 0}, {120, 0},
		   {{0, mix(hair_dark, hair_light, 0.35)}, {0.5, {0x1d100b}}, {1, hair_dark}});
	fill_shape(cairo, {{-8, -132},
			   {58, -116},
			   {98, -60},
			   {108, 20},
			   {106, 110},
			   {114, 190},
			   {92, 226},
			   {46, 214},
			   {-46, 214},
			   {-92, 226},
			   {-116, 190},
			   {-106, 110},
			   {-108, 20},
			   {-98, -60},
			   {-66, -116}});
}

void draw_hair_at_sides(cairo_t *cairo)
{
	set_ink(cairo, mix(hair_dark, hair_light, 0.25));
	for (const double side : {-1.0, 1.0})
		fill_shape(cairo, {{side * 78, -60},
				   {side * 100, -20},
				   {side * 104, 110},
				   {side * 112, 186},
				   {side * 88, 214},
				   {side * 66, 204},
				   {side * 70, 100}});
	Random random(31);
	for (int i = 0; i < 520; i++) {
		const double side = i % 2 ? 1 : -1;
		draw_strand(cairo, random, side * random.between(0.66, 1), 0, random.between(1.2, 2.8), 0.8);
	}
	for (int i = 0; i < 90; i++) { // what the comb missed
		const double side = i % 2 ? 1 : -1;
		draw_strand(cairo, random, side, side * random.between(0, 17), random.between(0.8, 1.7),
			    random.between(0.5, 0.95));
	}
}

void draw_eye(cairo_t *cairo, double side, double openness)
{
	cairo_save(cairo);
	cairo_translate(cairo, side * 31, -6);
	cairo_scale(cairo, side, 1);
	cairo_save(cairo);
	cairo_scale(cairo, 1, std::max(openness, 0.06));
	cairo_move_to(cairo, -15, 2);
	cairo_curve_to(cairo, -8, -11, 8, -11, 16, 0);
	cairo_curve_to(cairo, 8, 9, -8, 9, -15, 2);
	set_ink(cairo, {0xf7efe8});
	cairo_fill_preserve(cairo);
	cairo_clip(cairo);
	set_ink(cairo, {0x4f6b4a});
	fill_ellipse(cairo, {side * 1.0, -0.5}, 7.4, 7.4);
	set_ink(cairo, {0x17120f});
	fill_ellipse(cairo, {side * 1.0, -0.5}, 3.6, 3.6);
	set_ink(cairo, {0x3a2018, 0.3});
	fill_rectangle(cairo, -16, -12, 34, 6);
	set_ink(cairo, {0xffffff, 0.95});
	fill_ellipse(cairo, {side * 1.0 - side * 2.4, -3}, 1.9, 1.9);
	cairo_restore(cairo);
	set_ink(cairo, {0x2a1610});
	const double lid = -8.5 * openness + 3 * (1 - openness);
	stroke_curve(cairo, {-15.5, 2}, {-8, lid - 2}, {8, lid - 2}, {18, -1.5}, 2.8);
	set_ink(cairo, {0x8a5138, 0.5});
	stroke_curve(cairo, {-13, -7}, {-6, -15}, {8, -15}, {16, -8}, 1.5);
	set_ink(cairo, {0x3a2115, 0.9});
	stroke_curve(cairo, {-19, -22}, {-8, -31}, {8, -31}, {21, -23}, 4.6);
	cairo_restore(cairo);
}

void draw_mouth(cairo_t *cairo)
{
	set_ink(cairo, {0xfbf4ee});
	fill_shape(cairo, {{-21, 57}, {0, 59}, {21, 57}, {12, 66}, {0, 69}, {-12, 66}});
	set_ink(cairo, {0xb4504c});
	cairo_move_to(cairo, -27, 55);
	cairo_curve_to(cairo, -14, 52, -7, 49, 0, 52);
	cairo_curve_to(cairo, 7, 49, 14, 52, 27, 55);
	cairo_curve_to(cairo, 14, 59, -14, 59, -27, 55);
	cairo_fill(cairo);
	set_ink(cairo, {0xc6625a});
	cairo_move_to(cairo, -25, 56);
	cairo_curve_to(cairo, -12, 69, 12, 69, 25, 56);
	cairo_curve_to(cairo, 14, 80, -14, 80, -25, 56);
	cairo_fill(cairo);
	set_ink(cairo, {0xffffff, 0.25});
	stroke_curve(cairo, {-8, 71.5}, {-3, 73}, {3, 73}, {8, 71.5}, 2);
	set_ink(cairo, {0x8a4a38, 0.5});
	stroke_curve(cairo, {-29, 52}, {-31, 55}, {-31, 57}, {-29, 59}, 1.8);
	stroke_curve(cairo, {29, 52}, {31, 55}, {31, 57}, {29, 59}, 1.8);
}

void draw_face(cairo_t *cairo, double openness)
{
	set_linear(cairo, {-76, -20}, {80, 30},
		   {{0, mix(skin, {0xffe2c4}, 0.55)}, {0.45, skin}, {1, mix(skin, skin_shadow, 0.65)}});
	fill_shape(cairo, {{0, -104},
			   {46, -92},
			   {73, -42},
			   {74, 8},
			   {64, 56},
			   {38, 92},
			   {0, 106},
			   {-38, 92},
			   {-64, 56},
			   {-74, 8},
			   {-73, -42},
			   {-46, -92}});
	for (const double side : {-1.0, 1.0}) {
		set_radial(cairo, {side * 44, 34}, 27, {{0, {0xd9705c, 0.3}}, {1, {0xd9705c, 0}}});
		fill_ellipse(cairo, {side * 44, 34}, 27, 27);
		draw_eye(cairo, side, openness);
	}
	set_ink(cairo, {0x8f5439, 0.36});
	stroke_curve(cairo, {9, -4}, {10, 12}, {13, 22}, {12, 30}, 3.2);
	stroke_curve(cairo, {-9, 35}, {-3, 40}, {5, 40}, {12, 34}, 2.6);
	set_ink(cairo, {0xfff0de, 0.26});
	stroke_curve(cairo, {-1, -2}, {-2, 10}, {-2, 20}, {-2, 27}, 4);
	draw_mouth(cairo);
}

// The parted hair over the forehead, and a shadow that it throws.
void draw_hair_in_front(cairo_t *cairo)
{
	const std::vector<Point> right{{-22, -130}, {34, -126}, {82, -92}, {100, -30}, {98, 52},  {102, 128},
				       {84, 90},    {80, 20},   {68, -36}, {34, -74},  {-14, -98}};
	const std::vector<Point> left{{-12, -130}, {-58, -120}, {-92, -76}, {-100, -10}, {-98, 70},  {-104, 132},
				      {-84, 84},   {-80, 10},   {-70, -40}, {-50, -78},  {-20, -100}};
	cairo_save(cairo);
	cairo_translate(cairo, -2, 7);
	set_ink(cairo, {0x5a2a18, 0.28});
	fill_shape(cairo, right);
	fill_shape(cairo, left);
	cairo_restore(cairo);
	set_linear(cairo, {0, -130}, {100, 60}, {{0, {0x4b2d1c}}, {1, mix(hair_dark, hair_light, 0.25)}});
	fill_shape(cairo, right);
	set_linear(cairo, {0, -130}, {-100, 60}, {{0, {0x55341f}}, {1, mix(hair_dark, hair_light, 0.4)}});
	fill_shape(cairo, left);
	Random random(77);
	for (int i = 0; i < 150; i++) {
		const double side = i % 2 ? 1 : -1, across = random.between(0, 1), part = side > 0 ? -14 : -12;
		const Ink ink = mix(hair_dark, hair_light, random.between(0, side < 0 ? 1.1 : 0.75));
		set_ink(cairo, {ink.colour, 0.7});
		stroke_curve(cairo, {part + side * 18 * across, -128 + 26 * (1 - across)},
			     {side * (46 + 40 * across), -104 + 22 * (1 - across)}, {side * (74 + 32 * across), -40},
			     {side * (84 + 20 * across) + random.between(-5, 5), random.between(30, 128)},
			     random.between(1.2, 2.4));
	}
	for (int i = 0; i < 14; i++) { // loose hair before the forehead
		const double side = i % 2 ? 1 : -1;
		set_ink(cairo, {hair_dark.colour, 0.6});
		stroke_curve(cairo, {-12, -118}, {side * random.between(20, 50), -96},
			     {side * random.between(56, 72), -50},
			     {side * random.between(58, 74), random.between(-30, 20)}, random.between(0.9, 1.5));
	}
}

void draw_headphones(cairo_t *cairo)
{
	set_ink(cairo, {0x202329});
	cairo_set_line_width(cairo, 15);
	cairo_arc(cairo, 0, -18, 114, std::numbers::pi * 1.02, std::numbers::pi * 1.98);
	cairo_stroke(cairo);
	set_ink(cairo, {0x8d95a3, 0.7});
	cairo_set_line_width(cairo, 3);
	cairo_arc(cairo, 0, -18, 118, std::numbers::pi * 1.1, std::numbers::pi * 1.6);
	cairo_stroke(cairo);
	for (const double side : {-1.0, 1.0}) {
		set_ink(cairo, {0x17191d});
		fill_ellipse(cairo, {side * 98, 6}, 17, 42);
		set_linear(cairo, {side * 100, 0}, {side * 124, 0}, {{0, {0x3a3f48}}, {1, {0x1e2126}}});
		fill_ellipse(cairo, {side * 109, 6}, 15, 38);
		set_ink(cairo, {0x4fc3c9, 0.9});
		fill_ellipse(cairo, {side * 114, 6}, 3, 12);
	}
}

// Light of the window, from the left, on all that was drawn.
void draw_light(cairo_t *cairo)
{
	cairo_set_operator(cairo, CAIRO_OPERATOR_ATOP);
	set_linear(cairo, {420, 0}, {860, 0},
		   {{0, {0xffefd0, 0.22}}, {0.4, {0xffefd0, 0.04}}, {0.6, {0x1c1420, 0.02}}, {1, {0x1c1420, 0.3}}});
	cairo_paint(cairo);
	cairo_set_operator(cairo, CAIRO_OPERATOR_OVER);
}

} // namespace

void draw_person(const Canvas &canvas, double phase)
{
	const double turn = 2 * std::numbers::pi * phase, sway = std::sin(turn);
	const double openness = std::abs(phase - 0.62) < 0.025 ? 0 : 1; // she blinks once
	const auto place_head = [&] {
		cairo_translate(canvas, 7 * sway, 2 * std::sin(2 * turn));
		cairo_translate(canvas, 0, 150);
		cairo_rotate(canvas, 0.035 * sway);
		cairo_translate(canvas, 0, -150);
	};
	const auto in_place = [&](auto place, auto... parts) {
		cairo_save(canvas);
		cairo_translate(canvas, face_centre.x, face_centre.y);
		place();
		(parts(), ...);
		cairo_restore(canvas);
	};
	in_place(place_head, [&] { draw_hair_behind(canvas); });
	in_place([&] { cairo_translate(canvas, 4 * sway, 0); }, [&] { draw_torso(canvas); },
		 [&] { draw_neck(canvas); });
	in_place(
		place_head, [&] { draw_hair_at_sides(canvas); }, [&] { draw_face(canvas, openness); },
		[&] { draw_hair_in_front(canvas); }, [&] { draw_headphones(canvas); });
	draw_light(canvas);
}

} // namespace matting::demo
