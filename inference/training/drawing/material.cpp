// SPDX-License-Identifier: GPL-2.0-or-later
#include "material.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "noise.hpp"

namespace matting::training {
namespace {

constexpr float turn = 2 * std::numbers::pi_v<float>;

float share_of_period(float x)
{
	return x - std::floor(x);
}

Colour grey(Random &random, double low, double high, double tint)
{
	const double value = random.between(low, high);
	const double red = tint * random.normal(), blue = tint * random.normal();
	return {static_cast<float>(std::clamp(value + red, 0.0, 1.0)), static_cast<float>(value),
		static_cast<float>(std::clamp(value + blue, 0.0, 1.0))};
}

Colour vivid(Random &random, double least_saturation, double most_saturation)
{
	const double hue = random.unit(), saturation = random.between(least_saturation, most_saturation);
	return from_hsv(hue, saturation, random.between(0.15, 0.95));
}

} // namespace

Colour mix(Colour from, Colour to, double share)
{
	const auto t = static_cast<float>(share);
	return {std::lerp(from.red, to.red, t), std::lerp(from.green, to.green, t), std::lerp(from.blue, to.blue, t)};
}

Colour from_hsv(double hue, double saturation, double value)
{
	const auto channel = [&](double shift) {
		const double k = std::fmod(shift + hue * 6, 6.0);
		return static_cast<float>(value - value * saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0));
	};
	return {channel(5), channel(3), channel(1)};
}

Colour varied(Random &random, Colour colour, double deviation)
{
	const auto vary = [&](float &channel) {
		channel = static_cast<float>(std::clamp(channel * (1 + deviation * random.normal()), 0.0, 1.0));
	};
	vary(colour.red);
	vary(colour.green);
	vary(colour.blue);
	return colour;
}

Colour skin_colour(Random &random)
{
	const double darkness = std::pow(random.unit(), 1.3);
	const Colour colour = mix({1.F, 0.83F, 0.72F}, {0.28F, 0.16F, 0.11F}, darkness);
	return varied(random, colour * random.between(0.6, 1), 0.05);
}

Colour hair_colour(Random &random)
{
	switch (random.pick({0.4, 0.25, 0.15, 0.1, 0.1})) {
	case 0:
		return mix({0.03F, 0.025F, 0.025F}, {0.16F, 0.11F, 0.09F}, random.unit());
	case 1:
		return mix({0.18F, 0.11F, 0.06F}, {0.42F, 0.27F, 0.15F}, random.unit());
	case 2:
		return mix({0.5F, 0.38F, 0.2F}, {0.9F, 0.78F, 0.5F}, random.unit());
	case 3:
		return grey(random, 0.3, 0.95, 0.02);
	default:
		return vivid(random, 0.3, 0.95);
	}
}

Colour cloth_colour(Random &random)
{
	switch (random.pick({0.25, 0.18, 0.1, 0.27, 0.2})) {
	case 0:
		return grey(random, 0.02, 0.2, 0.015);
	case 1:
		return grey(random, 0.65, 1, 0.02);
	case 2:
		return grey(random, 0.2, 0.65, 0.02);
	case 3:
		return vivid(random, 0.15, 0.75);
	default:
		return vivid(random, 0.7, 1);
	}
}

Colour wall_colour(Random &random)
{
	switch (random.pick({0.38, 0.22, 0.18, 0.22})) {
	case 0:
		return grey(random, 0.45, 1, 0.03);
	case 1:
		return varied(random, mix({0.22F, 0.13F, 0.07F}, {0.8F, 0.65F, 0.5F}, random.unit()), 0.04);
	case 2:
		return grey(random, 0.02, 0.35, 0.02);
	default:
		return vivid(random, 0.1, 0.95);
	}
}

void set_colour(cairo_t *cairo, Colour colour, double alpha)
{
	cairo_set_source_rgba(cairo, colour.red, colour.green, colour.blue, alpha);
}

void stroke_writing(cairo_t *cairo, Random &random, Point from, double size, int letters)
{
	cairo_set_line_width(cairo, size * random.between(0.06, 0.2));
	for (int letter = 0; letter < letters; letter++, from.x += 0.7 * size) {
		const int strokes = random.integer(1, 3);
		for (int stroke = 0; stroke < strokes; stroke++) {
			const auto node = [&] {
				const double column = random.integer(0, 1), row = random.integer(0, 2);
				return Point{from.x + 0.45 * size * column, from.y - 0.5 * size * row};
			};
			const Point start = node(), end = node(), bend = random.chance(0.4) ? node() : end;
			cairo_move_to(cairo, start.x, start.y);
			cairo_curve_to(cairo, bend.x, bend.y, bend.x, bend.y, end.x, end.y);
		}
	}
	cairo_stroke(cairo);
}

Material::Material(Random &random, Colour colour, Pattern pattern, double size)
	: pattern_(pattern), colours_{colour, colour, colour, colour}
{
	for (size_t i = 1; i < colours_.size(); i++) {
		const bool is_tone = random.chance(pattern == Pattern::photograph ? 0.75 : 0.5);
		colours_[i] = is_tone ? varied(random, colour * random.between(0.4, 1.6), 0.12) : cloth_colour(random);
		edges_[i - 1] = static_cast<float>(random.unit());
	}
	std::sort(edges_.begin(), edges_.end());
	const double angle =
		random.chance(0.5) ? std::numbers::pi / 2 * random.integer(0, 1) : random.between(0, std::numbers::pi);
	cosine_ = static_cast<float>(std::cos(angle));
	sine_ = static_cast<float>(std::sin(angle));
	period_ = static_cast<float>(3 + size * random.log_between(0.02, 0.3));
	wobble_ = static_cast<float>(random.chance(0.6) ? period_ * random.between(0, 0.8) : 0);
	offset_ = static_cast<float>(random.between(0, 8));
	scale_ = static_cast<float>(3 + size * random.log_between(0.05, 1));
	sharpness_ = static_cast<float>(random.log_between(0.6, 6));
	grain_ = static_cast<float>(random.between(0, 0.07));
	grain_scale_ = static_cast<float>(random.log_between(3, 60));
	folds_ = static_cast<float>(random.chance(0.6) ? random.between(0.02, 0.16) : 0);
	fold_scale_ = static_cast<float>(20 + size * random.between(0.15, 0.7));
	fold_frequency_ = static_cast<float>(random.between(1, 5));
	if (pattern == Pattern::print)
		draw_print(random);
}

Material Material::cloth(Random &random, Colour colour, double size)
{
	constexpr std::array patterns{Pattern::plain,   Pattern::stripes,    Pattern::checks, Pattern::plaid,
				      Pattern::mottled, Pattern::photograph, Pattern::dots,   Pattern::print};
	const int pattern = random.pick({0.45, 0.13, 0.05, 0.07, 0.1, 0.05, 0.04, 0.11});
	return Material(random, colour, patterns[pattern], size);
}

Material Material::wall(Random &random, Colour colour, double size)
{
	constexpr std::array patterns{Pattern::plain,      Pattern::stripes, Pattern::tiles, Pattern::mottled,
				      Pattern::photograph, Pattern::dots,    Pattern::print};
	Material result(random, colour, patterns[random.pick({0.42, 0.12, 0.12, 0.14, 0.12, 0.03, 0.05})], size);
	if (random.chance(0.6))
		result.folds_ = 0;
	// Walls of one paint, one brick or one wallpaper are commoner than colourful ones.
	if (random.chance(0.6))
		for (size_t i = 1; i < result.colours_.size(); i++)
			result.colours_[i] = varied(random, colour * random.between(0.55, 1.25), 0.05);
	return result;
}

Material Material::skin(Random &random, Colour colour, double size)
{
	Material result(random, colour, Pattern::mottled, size);
	for (size_t i = 1; i < result.colours_.size(); i++) {
		result.colours_[i] = colour * random.between(0.82, 1.08);
		result.colours_[i].red = std::min(1.F, colour.red * static_cast<float>(random.between(0.95, 1.1)));
	}
	result.sharpness_ = static_cast<float>(random.between(0.5, 1.5));
	result.folds_ = 0;
	result.grain_ *= 0.5F;
	return result;
}

// Writing and shapes, on a tile that repeats.
void Material::draw_print(Random &random)
{
	constexpr int side = 256;
	Canvas tile(side, side);
	set_colour(tile, colours_[0]);
	cairo_paint(tile);
	const int count = random.integer(2, 24);
	for (int i = 0; i < count; i++) {
		set_colour(tile, colours_[random.integer(1, 3)]);
		const double x = random.between(0, side), y = random.between(0, side), size = random.log_between(5, 70);
		switch (random.pick({0.35, 0.3, 0.35})) {
		case 0:
			fill_ellipse(tile, {x, y}, size / 2, size / 2 * random.between(0.5, 1));
			break;
		case 1:
			fill_rectangle(tile, x, y, size, size * random.between(0.2, 2));
			break;
		default:
			stroke_writing(tile, random, {x, y}, size, random.integer(1, 7));
		}
	}
	cairo_surface_flush(tile.surface());
	print_ = std::make_shared<const Canvas>(std::move(tile));
}

float Material::wobble(float x, float y) const
{
	return wobble_ > 0 ? wobble_ * noise_at(0, x / (4 * period_) + offset_, y / (4 * period_)) : 0;
}

Colour Material::pattern_at(float x, float y) const
{
	const float along = x * cosine_ + y * sine_, across = y * cosine_ - x * sine_;
	switch (pattern_) {
	case Pattern::plain:
		return colours_[0];
	case Pattern::stripes: {
		const float share = share_of_period((along + wobble(x, y)) / period_);
		return colours_[share < edges_[0] ? 0 : share < edges_[1] ? 1 : share < edges_[2] ? 2 : 3];
	}
	case Pattern::checks: {
		const float shift = wobble(x, y);
		const bool odd = share_of_period((along + shift) / period_) < 0.5F;
		return colours_[odd == (share_of_period((across + shift) / period_) < 0.5F)];
	}
	case Pattern::plaid: {
		const float shift = wobble(x, y), first = share_of_period((along + shift) / period_);
		const float second = share_of_period((across + shift) / period_);
		const Colour warp = colours_[first < edges_[0] ? 0 : first < edges_[1] ? 1 : 2];
		return mix(warp, colours_[second < edges_[0] ? 0 : second < edges_[1] ? 1 : 2], 0.5);
	}
	case Pattern::mottled: {
		const float noise = noise_at(1, x / scale_ + offset_, y / scale_);
		return mix(colours_[0], colours_[1], 1 / (1 + std::exp(-noise * sharpness_)));
	}
	case Pattern::photograph: {
		const float tone = std::clamp(
			1.5F + 0.8F * noise_at(edges_[0] < 0.3F ? 2 : 1, x / scale_ + offset_, y / scale_), 0.F, 2.99F);
		const auto index = static_cast<size_t>(tone);
		const Colour colour = mix(colours_[index], colours_[index + 1], tone - static_cast<float>(index));
		return colour * (1 + 0.18F * noise_at(1, y / scale_ * 2, x / scale_ * 2 + offset_));
	}
	case Pattern::dots: {
		const float shift = wobble(x, y);
		const float first = share_of_period((along + shift) / period_) - 0.5F;
		const float second = share_of_period((across + shift) / period_) - 0.5F;
		return colours_[first * first + second * second < 0.2F * edges_[1]];
	}
	case Pattern::print: {
		const auto column = static_cast<int>(std::fabs(x) * 40 / period_ + 97 * offset_) & 255;
		const auto row = static_cast<int>(std::fabs(y) * 40 / period_ + 41 * offset_) & 255;
		const uint8_t *pixel = cairo_image_surface_get_data(print_->surface()) + 4 * (256 * row + column);
		return Colour{static_cast<float>(pixel[2]), static_cast<float>(pixel[1]),
			      static_cast<float>(pixel[0])} *
		       (1 / 255.0);
	}
	case Pattern::tiles: {
		const float rows = across / period_, row = std::floor(rows);
		const float columns = along / (period_ * (1 + edges_[2])) + (edges_[1] > 0.4F ? row / 2 : 0);
		const float column = std::floor(columns);
		if (rows - row < 0.02F + 0.1F * edges_[0] || columns - column < 0.02F + 0.08F * edges_[0])
			return colours_[1];
		return colours_[0] * (1 + 0.12F * edges_[2] * noise_at(2, row * 0.7F, column * 0.9F));
	}
	}
	return colours_[0];
}

Colour Material::at(float x, float y) const
{
	float shade = 1 + grain_ * noise_at(2, x / grain_scale_, y / grain_scale_);
	if (folds_ > 0) {
		const float field = noise_at(0, x / fold_scale_ + offset_, y / fold_scale_ + offset_);
		shade *= 1 + folds_ * std::sin(fold_frequency_ * field * turn / 4);
	}
	return pattern_at(x, y) * shade;
}

} // namespace matting::training
