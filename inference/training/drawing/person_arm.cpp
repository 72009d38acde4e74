// SPDX-License-Identifier: GPL-2.0-or-later
#include "figure.hpp"

#include <algorithm>
#include <numbers>

namespace matting::training {
namespace {

constexpr double pi = std::numbers::pi;

void draw_hand(const Figure &figure, Point wrist, double angle)
{
	Random &random = figure.random;
	const double unit = figure.unit, spread = random.between(0.03, 0.5);
	const Point palm = polar(wrist, angle, 0.15 * unit);
	add_ellipse(figure.canvas, palm, 0.17 * unit, 0.12 * unit, angle);
	figure.fill(figure.skin, 0.6);
	const int fingers = random.integer(3, 5);
	for (int i = 0; i < fingers; i++) {
		const double direction = angle + (i - 0.5 * (fingers - 1)) * spread * 0.6;
		const Point knuckle = polar(palm, direction, 0.11 * unit);
		const Point joint = polar(knuckle, direction, unit * random.between(0.06, 0.14));
		const double bent = direction + random.between(-0.5, 0.5);
		const Point tip = polar(joint, bent, unit * random.between(0.05, 0.13));
		add_limb(figure.canvas, knuckle, joint, 0.05 * unit, 0.042 * unit);
		figure.fill(figure.skin, 0.7);
		add_limb(figure.canvas, joint, tip, 0.042 * unit, 0.033 * unit);
		figure.fill(figure.skin, 0.7);
	}
}

void draw_held_thing(const Figure &figure, Point hand)
{
	Random &random = figure.random;
	const double size = figure.unit * random.between(0.12, 0.5);
	const Colour colour = cloth_colour(random);
	const Material material = Material::cloth(random, colour, size);
	if (random.chance(0.5)) {
		add_shape(figure.canvas, rough_ellipse(random, hand, size, size * random.between(0.4, 1.4), 0.15, 7));
	} else {
		cairo_save(figure.canvas);
		cairo_translate(figure.canvas, hand.x, hand.y);
		cairo_rotate(figure.canvas, random.between(-0.6, 0.6));
		cairo_rectangle(figure.canvas, -size / 2, -size, size, 1.6 * size);
		cairo_restore(figure.canvas);
	}
	figure.fill(material);
}

void draw_sleeve(const Figure &figure, const Point (&joints)[3], const double (&radii)[3], double length)
{
	Random &random = figure.random;
	const double upper = std::min(1.0, length), lower = length - upper, looseness = random.between(1.1, 1.4);
	const Point elbow = between(joints[0], joints[1], upper);
	add_limb(figure.canvas, joints[0], elbow, radii[0] * looseness,
		 std::lerp(radii[0], radii[1], upper) * looseness);
	figure.fill(figure.shirt);
	if (lower <= 0)
		return;
	const Point cuff = between(joints[1], joints[2], lower);
	add_limb(figure.canvas, elbow, cuff, radii[1] * looseness, std::lerp(radii[1], radii[2], lower) * looseness);
	figure.fill(figure.shirt);
}

} // namespace

void draw_arm(const Figure &figure, double side)
{
	Random &random = figure.random;
	const double unit = figure.unit;
	const Point shoulder{figure.head.x + side * 0.86 * figure.shoulder_width, figure.shoulder_y + 0.22 * unit};
	const double inward = side * pi / 2; // from straight down, towards the other side
	double upper = pi / 2 + side * random.between(-0.5, 0.2), lower = upper;
	switch (random.pick({0.45, 0.35, 0.2})) {
	case 0: // hanging, or on the desk
		lower += inward * random.between(-0.1, 0.9);
		break;
	case 1: // raised to the face, or waving
		upper -= inward * random.between(-0.3, 0.5);
		lower += side * random.between(0.9, 2.6) * (random.chance(0.6) ? 1 : -1);
		break;
	default:
		upper = random.between(0, 2 * pi);
		lower = upper + random.between(-2.4, 2.4);
	}
	const Point elbow = polar(shoulder, upper, unit * random.between(1.1, 1.45));
	const Point wrist = polar(elbow, lower, unit * random.between(0.9, 1.2));
	const double thickness = unit * random.between(0.8, 1.25);
	const double radii[]{0.25 * thickness, 0.18 * thickness, 0.11 * thickness};
	add_limb(figure.canvas, shoulder, elbow, radii[0], radii[1]);
	figure.fill(figure.skin);
	add_limb(figure.canvas, elbow, wrist, radii[1], radii[2]);
	figure.fill(figure.skin);
	const bool holds = random.chance(0.12);
	if (holds)
		draw_held_thing(figure, polar(wrist, lower, 0.2 * unit));
	draw_hand(figure, wrist, lower);
	constexpr double lengths[]{0, 0.5, 1, 1.9};
	const double sleeve = lengths[random.pick({0.12, 0.3, 0.1, 0.48})];
	if (sleeve > 0)
		draw_sleeve(figure, {shoulder, elbow, wrist}, radii, sleeve);
}

} // namespace matting::training
