// SPDX-License-Identifier: GPL-2.0-or-later
#include "canvas.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "random.hpp"

namespace matting::training {
namespace {

double channel(Ink ink, int shift)
{
	return (ink.colour >> shift & 255) / 255.0;
}

void add_stops(cairo_pattern_t *pattern, Stops stops)
{
	for (const auto &[offset, ink] : stops)
		cairo_pattern_add_color_stop_rgba(pattern, offset, channel(ink, 16), channel(ink, 8), channel(ink, 0),
						  ink.alpha);
}

// One row or column, by a running sum; the ends are repeated.
void blur_line(const uint8_t *from, uint8_t *to, int count, int step, int radius)
{
	const auto at = [&](int i) {
		return from[std::clamp(i, 0, count - 1) * step];
	};
	int sum = 0;
	for (int i = -radius; i <= radius; i++)
		sum += at(i);
	for (int i = 0; i < count; i++) {
		to[i * step] = static_cast<uint8_t>((sum + radius) / (2 * radius + 1));
		sum += at(i + radius + 1) - at(i - radius);
	}
}

} // namespace

Ink mix(Ink from, Ink to, double share)
{
	uint32_t colour = 0;
	for (const int shift : {0, 8, 16})
		colour |= static_cast<uint32_t>(std::lround(255 * std::lerp(channel(from, shift), channel(to, shift),
									    std::clamp(share, 0.0, 1.0))))
			  << shift;
	return {colour, std::lerp(from.alpha, to.alpha, share)};
}

Canvas::Canvas(cairo_surface_t *surface)
	: surface_(surface, cairo_surface_destroy), context_(cairo_create(surface), cairo_destroy)
{
	cairo_set_line_cap(*this, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(*this, CAIRO_LINE_JOIN_ROUND);
}

Canvas::Canvas(int width, int height) : Canvas(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height)) {}

Canvas Canvas::load(const std::string &path)
{
	Canvas canvas(cairo_image_surface_create_from_png(path.c_str()));
	if (const auto status = cairo_surface_status(canvas.surface()))
		throw std::runtime_error(path + ": " + cairo_status_to_string(status));
	return canvas;
}

Canvas Canvas::copy() const
{
	Canvas result(width(), height());
	cairo_set_source_surface(result, surface(), 0, 0);
	cairo_paint(result);
	return result;
}

void Canvas::save(const std::string &path) const
{
	if (const auto status = cairo_surface_write_to_png(surface(), path.c_str()))
		throw std::runtime_error(path + ": " + cairo_status_to_string(status));
}

int Canvas::width() const
{
	return cairo_image_surface_get_width(surface());
}

int Canvas::height() const
{
	return cairo_image_surface_get_height(surface());
}

uint8_t *Canvas::pixels() const
{
	cairo_surface_flush(surface());
	return cairo_image_surface_get_data(surface());
}

void Canvas::blur(int radius)
{
	uint8_t *image = pixels();
	const int columns = width(), rows = height();
	std::vector<uint8_t> other(size_t{4} * columns * rows);
	// Two boxes in each direction are nearly a Gaussian.
	for (int pass = 0; pass < 2; pass++) {
		for (int y = 0; y < rows; y++)
			for (int byte = 0; byte < 4; byte++)
				blur_line(image + size_t{4} * columns * y + byte,
					  other.data() + size_t{4} * columns * y + byte, columns, 4, radius);
		for (int byte = 0; byte < 4 * columns; byte++)
			blur_line(other.data() + byte, image + byte, rows, 4 * columns, radius);
	}
	cairo_surface_mark_dirty(surface());
}

void Canvas::add_noise(double deviation, uint32_t seed)
{
	Random random(seed);
	uint8_t *image = pixels();
	const auto count = size_t{4} * width() * height();
	for (size_t pixel = 0; pixel < count; pixel += 4) {
		const double grey = random.normal();
		for (size_t byte = pixel; byte < pixel + 3; byte++) {
			const double noise = deviation * (0.8 * grey + 0.6 * random.normal());
			image[byte] = static_cast<uint8_t>(std::clamp(image[byte] + noise + 0.5, 0.0, 255.0));
		}
	}
	cairo_surface_mark_dirty(surface());
}

void set_ink(cairo_t *cairo, Ink ink)
{
	cairo_set_source_rgba(cairo, channel(ink, 16), channel(ink, 8), channel(ink, 0), ink.alpha);
}

void set_linear(cairo_t *cairo, Point from, Point to, Stops stops)
{
	cairo_pattern_t *pattern = cairo_pattern_create_linear(from.x, from.y, to.x, to.y);
	add_stops(pattern, stops);
	cairo_set_source(cairo, pattern);
	cairo_pattern_destroy(pattern);
}

void set_radial(cairo_t *cairo, Point centre, double radius, Stops stops)
{
	cairo_pattern_t *pattern = cairo_pattern_create_radial(centre.x, centre.y, 0, centre.x, centre.y, radius);
	add_stops(pattern, stops);
	cairo_set_source(cairo, pattern);
	cairo_pattern_destroy(pattern);
}

void fill_rectangle(cairo_t *cairo, double x, double y, double width, double height)
{
	cairo_rectangle(cairo, x, y, width, height);
	cairo_fill(cairo);
}

void add_ellipse(cairo_t *cairo, Point centre, double radius_x, double radius_y, double angle)
{
	cairo_save(cairo);
	cairo_translate(cairo, centre.x, centre.y);
	cairo_rotate(cairo, angle);
	cairo_scale(cairo, radius_x, radius_y);
	cairo_new_sub_path(cairo);
	cairo_arc(cairo, 0, 0, 1, 0, 2 * std::numbers::pi);
	cairo_close_path(cairo);
	cairo_restore(cairo);
}

// Catmull-Rom.
void add_shape(cairo_t *cairo, const std::vector<Point> &points)
{
	const size_t count = points.size();
	cairo_move_to(cairo, points[0].x, points[0].y);
	for (size_t i = 0; i < count; i++) {
		const Point &before = points[(i + count - 1) % count], &from = points[i];
		const Point &to = points[(i + 1) % count], &after = points[(i + 2) % count];
		cairo_curve_to(cairo, from.x + (to.x - before.x) / 6, from.y + (to.y - before.y) / 6,
			       to.x - (after.x - from.x) / 6, to.y - (after.y - from.y) / 6, to.x, to.y);
	}
	cairo_close_path(cairo);
}

void add_polygon(cairo_t *cairo, const std::vector<Point> &points)
{
	cairo_new_sub_path(cairo);
	for (const Point &point : points)
		cairo_line_to(cairo, point.x, point.y);
	cairo_close_path(cairo);
}

void add_limb(cairo_t *cairo, Point from, Point to, double radius_from, double radius_to)
{
	// One outline, as overlapping ones may turn in opposite directions and cancel.
	const double angle = std::atan2(to.y - from.y, to.x - from.x);
	cairo_new_sub_path(cairo);
	cairo_arc(cairo, from.x, from.y, radius_from, angle + std::numbers::pi / 2, angle + 1.5 * std::numbers::pi);
	cairo_arc(cairo, to.x, to.y, radius_to, angle - std::numbers::pi / 2, angle + std::numbers::pi / 2);
	cairo_close_path(cairo);
}

void fill_ellipse(cairo_t *cairo, Point centre, double radius_x, double radius_y)
{
	add_ellipse(cairo, centre, radius_x, radius_y);
	cairo_fill(cairo);
}

void fill_shape(cairo_t *cairo, const std::vector<Point> &points)
{
	add_shape(cairo, points);
	cairo_fill(cairo);
}

void stroke_curve(cairo_t *cairo, Point from, Point control1, Point control2, Point to, double line_width)
{
	cairo_set_line_width(cairo, line_width);
	cairo_move_to(cairo, from.x, from.y);
	cairo_curve_to(cairo, control1.x, control1.y, control2.x, control2.y, to.x, to.y);
	cairo_stroke(cairo);
}

void fill_strand(cairo_t *cairo, const Point (&bezier)[4], double line_width)
{
	const auto &[root, control1, control2, tip] = bezier;
	const double length = std::hypot(tip.x - root.x, tip.y - root.y) + 1e-6;
	const double x = (root.y - tip.y) / length * line_width / 2, y = (tip.x - root.x) / length * line_width / 2;
	cairo_move_to(cairo, root.x - x, root.y - y);
	cairo_curve_to(cairo, control1.x - x, control1.y - y, control2.x - 0.6 * x, control2.y - 0.6 * y, tip.x, tip.y);
	cairo_curve_to(cairo, control2.x + 0.6 * x, control2.y + 0.6 * y, control1.x + x, control1.y + y, root.x + x,
		       root.y + y);
	cairo_close_path(cairo);
	cairo_fill(cairo);
}

} // namespace matting::training
