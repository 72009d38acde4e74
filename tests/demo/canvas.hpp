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

namespace matting::demo {

inline constexpr int width = 1280, height = 720;

struct Point {
	double x, y;
};

/// 0xRRGGBB with an opacity.
struct Ink {
	uint32_t colour;
	double alpha = 1;
};

Ink mix(Ink from, Ink to, double share);

/// Random numbers that are the same on every machine.
class Random {
public:
	explicit Random(uint32_t seed) : state_(seed * 2654435761u | 1) {}
	uint32_t next();
	double between(double low, double high);
	/// Around zero, deviation 1.
	double normal();

private:
	uint32_t state_;
};

/// An ARGB32 surface with its context. Thread-safety: none.
class Canvas {
public:
	explicit Canvas(int canvas_width = width, int canvas_height = height);
	/// Throws std::runtime_error.
	static Canvas load(const std::string &path);
	Canvas copy() const;
	/// Throws std::runtime_error.
	void save(const std::string &path) const;

	cairo_t *context() const { return context_.get(); }
	operator cairo_t *() const { return context_.get(); }
	cairo_surface_t *surface() const { return surface_.get(); }
	uint8_t *pixels() const; ///< BGRA, rows of 4 * width bytes

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

void fill_rectangle(cairo_t *cairo, double x, double y, double rectangle_width, double rectangle_height);
void fill_ellipse(cairo_t *cairo, Point centre, double radius_x, double radius_y);
/// A closed smooth curve through the points.
void fill_shape(cairo_t *cairo, const std::vector<Point> &points);
/// One Bezier curve.
void stroke_curve(cairo_t *cairo, Point from, Point control1, Point control2, Point to, double line_width);

} // namespace matting::demo
