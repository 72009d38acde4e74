// SPDX-License-Identifier: GPL-2.0-or-later
// A little more than cairo has: splines, gradients in one line, blur, and the noise of a camera.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <cairo.h>

#include "geometry.hpp"

namespace matting::training {

/// 0xRRGGBB with an opacity.
struct Ink {
	uint32_t colour;
	double alpha = 1;
};

Ink mix(Ink from, Ink to, double share);

/// An ARGB32 surface with its context. Thread-safety: none.
class Canvas {
public:
	Canvas(int width, int height);
	/// Throws std::runtime_error.
	static Canvas load(const std::string &path);
	Canvas copy() const;
	/// Throws std::runtime_error.
	void save(const std::string &path) const;

	cairo_t *context() const { return context_.get(); }
	operator cairo_t *() const { return context_.get(); }
	cairo_surface_t *surface() const { return surface_.get(); }
	int width() const;
	int height() const;
	uint8_t *pixels() const; ///< premultiplied BGRA, rows of 4 * width bytes

	/// About a Gaussian of deviation `radius`.
	void blur(int radius);
	/// What the sensor adds, in levels of 255.
	void add_noise(double deviation, uint32_t seed);

private:
	explicit Canvas(cairo_surface_t *surface);

	std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface_;
	std::unique_ptr<cairo_t, decltype(&cairo_destroy)> context_;
};

void set_ink(cairo_t *cairo, Ink ink);
using Stops = std::initializer_list<std::pair<double, Ink>>;
void set_linear(cairo_t *cairo, Point from, Point to, Stops stops);
void set_radial(cairo_t *cairo, Point centre, double radius, Stops stops);

void fill_rectangle(cairo_t *cairo, double x, double y, double width, double height);
/// Paths: they are added to the current one.
void add_ellipse(cairo_t *cairo, Point centre, double radius_x, double radius_y, double angle = 0);
/// A closed smooth curve through the points.
void add_shape(cairo_t *cairo, const std::vector<Point> &points);
void add_polygon(cairo_t *cairo, const std::vector<Point> &points);
/// A bone with round ends.
void add_limb(cairo_t *cairo, Point from, Point to, double radius_from, double radius_to);

void fill_ellipse(cairo_t *cairo, Point centre, double radius_x, double radius_y);
/// A closed smooth curve through the points.
void fill_shape(cairo_t *cairo, const std::vector<Point> &points);
/// One Bezier curve.
void stroke_curve(cairo_t *cairo, Point from, Point control1, Point control2, Point to, double line_width);

/// One hair: a Bezier curve, `line_width` at its root and pointed at its tip.
void fill_strand(cairo_t *cairo, const Point (&bezier)[4], double line_width);

} // namespace matting::training
