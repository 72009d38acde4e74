// SPDX-License-Identifier: GPL-2.0-or-later
#include "pictures.hpp"

#include <algorithm>
#include <numbers>

namespace matting::training {
namespace {

struct Root {
	Point place, outward;
};

// At a share of the outline, the curve that add_shape() draws.
Root root_at(const std::vector<Point> &outline, double share, bool is_clockwise)
{
	const size_t count = outline.size();
	const double position = share * static_cast<double>(count);
	const auto i = std::min(static_cast<size_t>(position), count - 1);
	const double t = position - static_cast<double>(i);
	const Point &before = outline[(i + count - 1) % count], &from = outline[i];
	const Point &to = outline[(i + 1) % count], &after = outline[(i + 2) % count];
	const auto value = [&](double a, double b, double c, double d) {
		return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
	};
	const auto slope = [&](double a, double b, double c, double d) {
		return 0.5 * (c - a + 2 * t * (2 * a - 5 * b + 4 * c - d) + 3 * t * t * (3 * (b - c) + d - a));
	};
	const double x = slope(before.x, from.x, to.x, after.x), y = slope(before.y, from.y, to.y, after.y);
	const double length = (std::hypot(x, y) + 1e-9) * (is_clockwise ? 1 : -1);
	return {{value(before.x, from.x, to.x, after.x), value(before.y, from.y, to.y, after.y)},
		{y / length, -x / length}};
}

bool turns_clockwise(const std::vector<Point> &outline)
{
	double area = 0;
	for (size_t i = 0; i < outline.size(); i++) {
		const Point &from = outline[i], &to = outline[(i + 1) % outline.size()];
		area += from.x * to.y - to.x * from.y;
	}
	return area > 0;
}

} // namespace

std::vector<Point> rough_ellipse(Random &random, Point centre, double radius_x, double radius_y, double roughness,
				 int count)
{
	std::vector<Point> points;
	for (int i = 0; i < count; i++) {
		const double angle = 2 * std::numbers::pi * i / count, radius = 1 + roughness * random.normal();
		points.push_back({centre.x + radius * radius_x * std::cos(angle),
				  centre.y + radius * radius_y * std::sin(angle)});
	}
	return points;
}

void draw_fur(const Canvas &canvas, Random &random, const std::vector<Point> &outline, Colour colour, const Fur &fur)
{
	const bool is_clockwise = turns_clockwise(outline);
	int left_in_lock = 0;
	double share = 0, lock_angle = 0, lock_length = 0;
	for (int i = 0; i < fur.count; i++) {
		// Hairs stick together in locks, whose tips meet.
		if (left_in_lock-- == 0) {
			left_in_lock = random.integer(0, 9);
			share = random.unit();
			lock_angle = fur.stray * random.normal();
			lock_length = fur.length * (0.35 + 0.9 * random.unit() * random.unit() + 0.4 * random.unit());
		}
		const double place = share + 0.012 * random.normal();
		const auto [edge, outward] = root_at(outline, place - std::floor(place), is_clockwise);
		if (edge.y > fur.most_y)
			continue;
		const double inset = fur.inset * random.unit(), length = lock_length * random.between(0.6, 1.2);
		const double angle = std::atan2(outward.y + fur.drift.y, outward.x + fur.drift.x) + lock_angle +
				     0.3 * fur.stray * random.normal();
		const Point along{std::cos(angle) * length, std::sin(angle) * length};
		const double bend = fur.curl * random.normal(), back = fur.curl * random.normal();
		const Point root{edge.x - outward.x * inset, edge.y - outward.y * inset};
		set_colour(canvas, varied(random, colour * random.between(0.65, 1.35), 0.04), random.between(0.35, 1));
		fill_strand(canvas,
			    {root,
			     {root.x + 0.35 * along.x - bend * along.y, root.y + 0.35 * along.y + bend * along.x},
			     {root.x + 0.7 * along.x - back * along.y, root.y + 0.7 * along.y + back * along.x},
			     {root.x + along.x, root.y + along.y}},
			    fur.width * random.between(0.5, 1.4));
	}
}

} // namespace matting::training
