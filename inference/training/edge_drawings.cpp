// SPDX-License-Identifier: GPL-2.0-or-later
#include "edge_drawings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace matting::training {
namespace {

constexpr int strands_width = 320, strands_height = 200;

uint8_t to_byte(double value)
{
	return static_cast<uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
}

using Colour = std::array<double, 3>; // of 255

Colour draw_colour(EdgeRandom &random)
{
	return {draw_between(5, 250, random), draw_between(5, 250, random), draw_between(5, 250, random)};
}

Colour brighter(Colour colour, double factor)
{
	for (double &value : colour)
		value *= factor;
	return colour;
}

/// What comes before a frame, with the noise of a camera.
class Painter {
public:
	Painter(EdgeScene &scene, EdgeRandom &random)
		: scene_(scene), noise_(0, draw_between(0.3, 3, random)), random_(random)
	{
	}

	int width() const { return scene_.source.width; }
	int height() const { return scene_.source.height; }

	/// `visit(x, y)`: of all pixels of the frame that are at most as far away.
	template<typename Visit> void around(double x, double y, double distance, const Visit &visit) const
	{
		const auto first = [distance](double at) {
			return std::max(static_cast<int>(at - distance), 0);
		};
		for (int row = first(y); row < std::min(y + distance + 1, static_cast<double>(height())); row++)
			for (int column = first(x); column < std::min(x + distance + 1, static_cast<double>(width()));
			     column++)
				visit(column, row);
	}
	void put(int x, int y, const Colour &colour, double coverage)
	{
		if (coverage <= 0)
			return;
		const size_t pixel = size_t{1} * y * width() + x;
		for (size_t c = 0; c < 3; c++) {
			uint8_t &byte = scene_.source.pixels[4 * pixel + c];
			byte = to_byte(coverage * (colour[c] + noise_(random_)) + (1 - coverage) * byte);
		}
		float &alpha = scene_.alpha[pixel];
		alpha += static_cast<float>(coverage) * (1 - alpha);
	}
	/// An ellipse, lighter at one side; lengths are those of its half axes, `softness` that of its edge.
	void leaf(double x, double y, double angle, double length, double width, double softness, const Colour &colour)
	{
		const double cosine = std::cos(angle), sine = std::sin(angle);
		around(x, y, length + softness, [&](int column, int row) {
			const double along = ((column - x) * cosine + (row - y) * sine) / length,
				     across = ((row - y) * cosine - (column - x) * sine) / width;
			const double radius = std::hypot(along, across);
			// An ellipse's distance, as far as its radius says it.
			const double steepness =
				radius > 0 ? std::hypot(along / length, across / width) / radius : 1 / width;
			put(column, row, brighter(colour, 1 + 0.2 * across),
			    std::clamp((1 - radius) / (steepness * softness) + 0.5, 0.0, 1.0));
		});
	}

private:
	EdgeScene &scene_;
	std::normal_distribution<double> noise_;
	EdgeRandom &random_;
};

} // namespace

double draw_between(double low, double high, EdgeRandom &random)
{
	return std::uniform_real_distribution<double>(low, high)(random);
}

void add_noise(Bitmap &bitmap, double deviation, EdgeRandom &random)
{
	std::normal_distribution<double> noise(0, deviation);
	for (size_t i = 0; i < bitmap.pixels.size(); i++)
		if (i % 4 != 3)
			bitmap.pixels[i] = to_byte(bitmap.pixels[i] + noise(random));
}

EdgeScene draw_strands(EdgeRandom &random)
{
	const int w = strands_width, h = strands_height;
	EdgeScene scene{Bitmap(w, h), Bitmap(w, h), Bitmap(w, h), std::vector<float>(size_t{1} * w * h)};
	std::array<double, 3> person, wall, stripe, believed;
	const double contrast = draw_between(0, 30, random), error = draw_between(0, 15, random);
	for (size_t c = 0; c < 3; c++) {
		person[c] = draw_between(10, 245, random);
		wall[c] = draw_between(10, 245, random);
		stripe[c] = draw_between(-contrast, contrast, random);
		believed[c] = person[c] + draw_between(-error, error, random);
	}
	const double centre_x = draw_between(0.4, 0.6, random) * w, centre_y = draw_between(0.4, 0.6, random) * h;
	const double radius = draw_between(40, 65, random), length = draw_between(6, 25, random),
		     period = draw_between(3, 12, random);
	const double half = draw_between(0.15, 0.4, random) * period, softness = draw_between(0.05, 1.5, random);
	const double opacity = draw_between(0.4, 1, random), fade = draw_between(0.7, 1.3, random),
		     strips = draw_between(3, 25, random);
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			const double dx = x - centre_x, dy = y - centre_y, distance = std::hypot(dx, dy);
			const double aside = std::abs(std::remainder(std::atan2(dy, dx) * (radius + length), period));
			const double strand = distance < radius + length
						      ? opacity * std::clamp((half - aside) / softness + 0.5, 0.0, 1.0)
						      : 0;
			const double alpha = std::max(strand, std::clamp(radius - distance + 0.5, 0.0, 1.0));
			const double seen = std::clamp((radius + length - distance) / (fade * length), 0.0, 1.0);
			const double stripes = std::fmod(x, 2 * strips) < strips ? 0 : 1;
			const size_t pixel = size_t{1} * y * w + x;
			for (size_t c = 0; c < 3; c++) {
				const double room = wall[c] + stripes * stripe[c];
				scene.plate.pixels[4 * pixel + c] = to_byte(room);
				scene.source.pixels[4 * pixel + c] = to_byte(alpha * person[c] + (1 - alpha) * room);
				scene.matte.pixels[4 * pixel + c] = seen > 0 ? to_byte(believed[c]) : uint8_t{0};
			}
			scene.plate.pixels[4 * pixel + 3] = scene.source.pixels[4 * pixel + 3] = 255;
			scene.matte.pixels[4 * pixel + 3] = to_byte(255 * seen);
			scene.alpha[pixel] = static_cast<float>(alpha);
		}
	if (const double noise = draw_between(-3, 3, random); noise > 0) // none in one of two
		add_noise(scene.source, noise, random);
	return scene;
}

void draw_plant(EdgeScene &scene, EdgeRandom &random)
{
	Painter painter(scene, random);
	const auto draw = [&random](double low, double high) {
		return draw_between(low, high, random);
	};
	const double radius = draw(60, 260), centre_x = draw(0, painter.width()), centre_y = draw(0, painter.height());
	const double size = std::max(radius * std::exp(draw(std::log(0.015), std::log(0.12))), 2.5),
		     narrowness = draw(0.08, 0.6), softness = draw(0.6, 1.8);
	const double blossoms = draw(-0.3, 0.6), covered = draw(0.25, 1.6), spread = draw(0.2, 1.5),
		     stem = draw(0.4, 0.1 * size + 1);
	const Colour green = draw_colour(random), blossom = draw_colour(random),
		     wood = brighter(draw_colour(random), 0.6);
	const double leaf_area = std::numbers::pi * size * size * narrowness, area = std::numbers::pi * radius * radius;
	const int leaves_each = static_cast<int>(draw(4, 25));
	for (double drawn = 0; drawn < covered * area; drawn += leaves_each * leaf_area + 2 * stem * radius) {
		const double direction = draw(0, 2 * std::numbers::pi), reach = radius * std::sqrt(draw(0, 1));
		const double from_x = centre_x + draw(-0.1, 0.1) * radius, from_y = centre_y + 0.8 * radius;
		const double to_x = centre_x + reach * std::cos(direction),
			     to_y = centre_y + reach * std::sin(direction);
		const double length = std::hypot(to_x - from_x, to_y - from_y),
			     angle = std::atan2(to_y - from_y, to_x - from_x);
		const double piece = 4 * stem + 2;
		for (double at = 0; at < length; at += piece)
			painter.leaf(from_x + at * std::cos(angle), from_y + at * std::sin(angle), angle, piece, stem,
				     softness, wood);
		for (int i = 0; i < leaves_each; i++) {
			const double at = length * std::sqrt(draw(0.05, 1)), own = size * draw(0.6, 1.4);
			const double leaf_angle = angle + draw(-spread, spread), aside = 0.7 * own;
			painter.leaf(from_x + at * std::cos(angle) + aside * std::cos(leaf_angle),
				     from_y + at * std::sin(angle) + aside * std::sin(leaf_angle), leaf_angle, own,
				     own * narrowness, softness,
				     brighter(draw(0, 1) < blossoms ? blossom : green, draw(0.4, 1.3)));
		}
	}
}

void draw_cloth(EdgeScene &scene, EdgeRandom &random)
{
	Painter painter(scene, random);
	const auto draw = [&random](double low, double high) {
		return draw_between(low, high, random);
	};
	const double radius = draw(50, 200), x = draw(0, painter.width()), y = draw(0, painter.height());
	Colour room{}, other = draw_colour(random);
	double pixels = 0;
	painter.around(x, y, radius, [&](int column, int row) {
		const uint8_t *plate = scene.plate.pixels.data() + 4 * (size_t{1} * row * painter.width() + column);
		for (size_t c = 0; c < 3; c++)
			room[c] += plate[c];
		pixels++;
	});
	const double error = draw(0, 15), folds = draw(0, 0.12), fold = draw(10, 60),
		     turned = draw(0, std::numbers::pi);
	for (double &value : room)
		value = value / pixels + draw(-error, error);
	const double period = std::exp(draw(std::log(4.0), std::log(60.0))), share = draw(0.2, 0.8),
		     softness = draw(0.6, 1.8);
	const bool is_checked = draw(0, 1) < 0.4;
	const auto is_room = [&](double at) {
		const double within = at / period - std::floor(at / period);
		return std::clamp((share / 2 - std::abs(within - 0.5)) * period / softness + 0.5, 0.0, 1.0);
	};
	painter.around(x, y, radius + 1, [&](int column, int row) {
		const double along = (column - x) * std::cos(turned) + (row - y) * std::sin(turned),
			     across = (row - y) * std::cos(turned) - (column - x) * std::sin(turned);
		const double of_room = is_checked ? is_room(along) * is_room(across) : is_room(along);
		Colour colour;
		for (size_t c = 0; c < 3; c++)
			colour[c] =
				(of_room * room[c] + (1 - of_room) * other[c]) * (1 + folds * std::sin(across / fold));
		painter.put(column, row, colour, std::clamp(radius - std::hypot(column - x, row - y) + 0.5, 0.0, 1.0));
	});
}

} // namespace matting::training
