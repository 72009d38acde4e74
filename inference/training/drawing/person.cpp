// SPDX-License-Identifier: GPL-2.0-or-later
#include "figure.hpp"

#include <algorithm>
#include <numbers>

namespace matting::training {
namespace {

constexpr double pi = std::numbers::pi;

Hair choose_hair(Random &random)
{
	constexpr std::array all{Hair::cropped, Hair::short_cut, Hair::medium, Hair::long_cut, Hair::curly,
				 Hair::bun,     Hair::tied,      Hair::bald,   Hair::hat,      Hair::hood};
	return all[random.pick({0.08, 0.2, 0.14, 0.22, 0.11, 0.05, 0.06, 0.04, 0.07, 0.03})];
}

Material choose_shirt(Random &random, double unit)
{
	const Colour colour = cloth_colour(random);
	return Material::cloth(random, colour, 2 * unit);
}

void draw_legs(const Figure &figure)
{
	Random &random = figure.random;
	const double unit = figure.unit;
	const Colour colour = cloth_colour(random), shoes = cloth_colour(random);
	const Material trousers = Material::cloth(random, colour, unit), leather = Material::cloth(random, shoes, unit);
	for (const double side : {-1.0, 1.0}) {
		const Point hip{figure.head.x + side * 0.42 * figure.shoulder_width, figure.hip_y};
		const double angle = pi / 2 + random.between(-0.3, 0.3);
		const Point knee = polar(hip, angle, 1.7 * unit);
		const Point foot = polar(knee, angle + random.between(-0.25, 0.25), 1.6 * unit);
		add_limb(figure.canvas, hip, knee, 0.5 * figure.shoulder_width, 0.28 * unit);
		figure.fill(trousers);
		add_limb(figure.canvas, knee, foot, 0.28 * unit, unit * random.between(0.14, 0.25));
		figure.fill(trousers);
		add_ellipse(figure.canvas, {foot.x + 0.15 * side * unit, foot.y + 0.05 * unit}, 0.33 * unit,
			    0.14 * unit);
		figure.fill(leather);
	}
}

void draw_chair(const Figure &figure)
{
	Random &random = figure.random;
	const double width = figure.shoulder_width * random.between(0.8, 1.4), x = figure.head.x;
	const double top = figure.shoulder_y + figure.unit * random.between(-1.2, 0.6), low = figure.size + 40;
	add_shape(figure.canvas, {{x - width, top + 0.1 * width},
				  {x, top},
				  {x + width, top + 0.1 * width},
				  {x + width * random.between(0.8, 1.1), low},
				  {x - width * random.between(0.8, 1.1), low}});
	const Colour colour = cloth_colour(random);
	figure.fill(Material::cloth(random, colour, width));
}

std::vector<Point> torso_of(const Figure &figure)
{
	Random &random = figure.random;
	const double unit = figure.unit, x = figure.head.x, neck = 0.26 * unit, width = figure.shoulder_width;
	const double waist = width * random.between(0.7, 1.05), hip = width * random.between(0.75, 1.15);
	const double low = figure.whole_figure ? figure.hip_y + 0.3 * unit : figure.size + 1.2 * unit;
	const Point half[]{{neck, figure.shoulder_y - 0.22 * unit},
			   {0.62 * width, figure.shoulder_y - 0.06 * unit},
			   {0.97 * width, figure.shoulder_y + 0.16 * unit},
			   {width * random.between(0.9, 1.1), figure.shoulder_y + 0.7 * unit},
			   {waist, std::min(figure.shoulder_y + 1.6 * unit, low - 0.6 * unit)},
			   {hip, low}};
	std::vector<Point> points;
	for (const auto &[across, y] : half)
		points.push_back({x + across * random.between(0.94, 1.06), y});
	for (size_t i = std::size(half); i-- > 0;)
		points.push_back({x - half[i].x * random.between(0.94, 1.06), half[i].y});
	return points;
}

void draw_clothes(const Figure &figure, const std::vector<Point> &torso)
{
	Random &random = figure.random;
	const double unit = figure.unit, x = figure.head.x, top = figure.shoulder_y - 0.15 * unit;
	cairo_save(figure.canvas);
	add_shape(figure.canvas, torso);
	cairo_clip(figure.canvas);
	const Colour colour = cloth_colour(random);
	if (random.chance(0.45)) { // the throat
		add_shape(figure.canvas,
			  {{x - 0.27 * unit, top - 0.3 * unit},
			   {x + 0.27 * unit, top - 0.3 * unit},
			   {x + random.between(-0.1, 0.1) * unit, top + unit * random.between(0.15, 0.7)}});
		figure.fill(figure.skin, 0.2);
	}
	if (random.chance(0.25)) { // an open jacket, a tie, a scarf
		const double width = unit * random.between(0.05, 0.35), low = width * random.between(0.6, 2.2);
		add_polygon(figure.canvas,
			    {{x - width, top}, {x + width, top}, {x + low, figure.size}, {x - low, figure.size}});
		figure.fill(Material::cloth(random, colour, unit), 0.5);
	}
	if (random.chance(0.3)) { // a print on the chest
		set_colour(figure.canvas, colour);
		stroke_writing(figure.canvas, random, {x - 0.5 * unit, top + unit * random.between(0.9, 1.3)},
			       unit * random.between(0.15, 0.4), random.integer(2, 6));
	}
	if (random.chance(0.15)) { // a strap
		cairo_set_line_width(figure.canvas, unit * random.between(0.05, 0.16));
		set_colour(figure.canvas, colour * 0.7);
		const double side = random.sign();
		cairo_move_to(figure.canvas, x - side * 0.5 * unit, top);
		cairo_line_to(figure.canvas, x + side * figure.shoulder_width, top + 2.2 * unit);
		cairo_stroke(figure.canvas);
	}
	cairo_restore(figure.canvas);
}

} // namespace

Figure::Figure(const Canvas &on, Random &numbers)
	: canvas(on), random(numbers), size(on.width()), whole_figure(random.chance(0.14)),
	  unit(size * 0.9 / (whole_figure ? random.between(5.5, 7.5) : random.log_between(2.1, 4.2))),
	  head{size * random.between(0.45, 0.55), size * 0.09 + 0.58 * unit}, head_x(unit * random.between(0.33, 0.42)),
	  head_y(unit * random.between(0.45, 0.53)), tilt(0.16 * random.normal()),
	  gaze(random.chance(0.3) ? random.between(-1, 1) : random.between(-0.25, 0.25)),
	  shoulder_y(head.y + head_y + unit * random.between(0.2, 0.42)),
	  shoulder_width(unit * random.between(0.78, 1.25) * (1 - 0.3 * std::abs(gaze))),
	  hip_y(shoulder_y + unit * random.between(1.9, 2.4)), complexion(skin_colour(random)),
	  hair_tint(hair_colour(random)), hair(choose_hair(random)), skin(Material::skin(random, complexion, unit)),
	  shirt(choose_shirt(random, unit)),
	  hair_material(random, hair_tint, Pattern::mottled, 0.2 * unit), light{random.between(0, 2 * pi), 0.2 * unit,
										random.between(0.1, 0.5),
										random.between(0, 0.5)}
{
}

Point Figure::on_head(double x, double y) const
{
	const double across = x * head_x, down = y * head_y;
	return {head.x + across * std::cos(tilt) - down * std::sin(tilt),
		head.y + across * std::sin(tilt) + down * std::cos(tilt)};
}

Point Figure::on_face(double x, double y) const
{
	return on_head(x * (1 - 0.3 * std::abs(gaze)) + 0.45 * gaze, y);
}

void Figure::fill(const Material &material, double depth, double opacity) const
{
	Light part = light;
	part.depth *= depth;
	paint(canvas, material, part, opacity);
}

void Figure::fill(Colour colour, double opacity) const
{
	set_colour(canvas, colour, opacity);
	cairo_fill(canvas);
}

void draw_body(const Figure &figure)
{
	const double unit = figure.unit, neck = unit * figure.random.between(0.19, 0.27);
	if (figure.whole_figure)
		draw_legs(figure);
	add_limb(figure.canvas, {figure.head.x, figure.shoulder_y + 0.1 * unit}, figure.on_head(0, 0.45), 1.15 * neck,
		 neck);
	figure.fill(figure.skin, 1.4);
	const std::vector<Point> torso = torso_of(figure);
	add_shape(figure.canvas, torso);
	figure.fill(figure.shirt);
	if (figure.random.chance(0.14)) { // a woolly jumper, a fur
		const Colour colour = figure.shirt.at(static_cast<float>(figure.head.x),
						      static_cast<float>(figure.shoulder_y + unit));
		draw_fur(figure.canvas, figure.random, torso, colour,
			 {figure.random.integer(500, 1500), unit * figure.random.log_between(0.06, 0.3), 0.01 * unit,
			  0.1 * unit, 0.6, 0.3});
	}
	draw_clothes(figure, torso);
}

void draw_person(const Canvas &canvas, Random &random)
{
	const Figure figure(canvas, random);
	if (!figure.whole_figure && random.chance(0.14))
		draw_chair(figure);
	draw_hair_behind(figure);
	bool in_front[2], there[2];
	for (int i = 0; i < 2; i++) {
		there[i] = random.chance(0.85);
		in_front[i] = random.chance(0.6);
		if (there[i] && !in_front[i])
			draw_arm(figure, 2 * i - 1);
	}
	draw_body(figure);
	draw_head(figure);
	for (int i = 0; i < 2; i++)
		if (there[i] && in_front[i])
			draw_arm(figure, 2 * i - 1);
}

} // namespace matting::training
