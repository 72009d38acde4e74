// SPDX-License-Identifier: GPL-2.0-or-later
#include "scene.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "camouflage.hpp"
#include "material.hpp"

namespace matting::training {
namespace {

// As a camera does: until the mean is right.
void expose(Image &image, double level)
{
	double sum = 0;
	for (const float value : image.values)
		sum += value;
	const double mean = sum / static_cast<double>(image.values.size());
	const auto gain = static_cast<float>(std::clamp(level / (mean + 1e-3), 0.5, 4.0));
	for (float &value : image.values)
		value = std::min(1.F, value * gain);
}

// Textures of drawings are smoother than those of photographs: grass, pebbles, leaves. A plate that is a pixel off
// differs most there.
void add_detail(Image &room, double pixel, Random &random)
{
	const auto strength = static_cast<float>(random.log_between(0.03, 0.7));
	const auto scale = static_cast<float>(1 / (pixel * random.log_between(20, 400)));
	const auto x0 = static_cast<float>(random.between(0, 8)), y0 = static_cast<float>(random.between(0, 8));
	const int roughness = random.integer(1, 2);
	std::optional<Image> where; // everywhere, without it
	if (random.chance(0.6))
		where = patches(random, room.height, room.width);
	for (int y = 0; y < room.height; y++)
		for (int x = 0; x < room.width; x++) {
			const size_t i = static_cast<size_t>(y) * room.width + x;
			const float noise = noise_at(roughness, x0 + static_cast<float>(x) * scale,
						     y0 + static_cast<float>(y) * scale);
			const float factor = std::max(0.05F, 1 + strength * noise * (where ? where->values[i] : 1));
			for (int channel = 0; channel < 3; channel++)
				room.plane(channel)[i] *= factor;
		}
}

// Waves in one direction, two or three: stripes, squares or hexagons. Walls are seen at a slant, so that the period changes.
class Lattice {
public:
	Lattice(double period, int width, Random &random)
		: slant_(static_cast<float>(random.chance(0.6) ? random.between(-0.35, 0.35) / width : 0))
	{
		const int directions = random.integer(1, 3);
		const double angle = random.chance(0.5) ? 0.05 * random.normal() : random.between(0, std::numbers::pi);
		for (int i = 0; i < directions; i++) {
			const double direction = angle + std::numbers::pi * i / directions;
			waves_.push_back({2 * std::numbers::pi / period * std::cos(direction),
					  2 * std::numbers::pi / period * std::sin(direction)});
		}
	}

	/// -1..1
	float at(float x, float y) const
	{
		const float nearness = 1 + slant_ * x;
		float sum = 0;
		for (const auto &[along_x, along_y] : waves_)
			sum += std::cos(nearness * (x * static_cast<float>(along_x) + y * static_cast<float>(along_y)));
		return sum / static_cast<float>(waves_.size());
	}

private:
	std::vector<Point> waves_;
	float slant_;
};

// Tiles, mesh, woven stuff: at a quarter of the size they beat with the grid of pixels, and half a pixel beside it otherwise.
// Most where the period is twice that of the pixels that are kept, which the coarse network's pictures have at 4.
void add_tiles(Image &room, double pixel, Random &random)
{
	const double period =
		random.chance(0.5) ? random.log_between(3, 7) : std::max(3.0, pixel * random.log_between(6, 40));
	const Lattice lattice(period, room.width, random);
	const auto strength = static_cast<float>(random.log_between(0.05, 0.9)),
		   sharpness = static_cast<float>(random.log_between(0.5, 4)),
		   level = static_cast<float>(random.between(-0.5, 0.5));
	const Image where = patches(random, room.height, room.width);
	for (int y = 0; y < room.height; y++)
		for (int x = 0; x < room.width; x++) {
			const size_t i = static_cast<size_t>(y) * room.width + x;
			if (where.values[i] == 0)
				continue;
			const float wave = lattice.at(static_cast<float>(x), static_cast<float>(y));
			const float dark = std::clamp(0.5F + sharpness * (wave - level), 0.F, 1.F);
			for (int channel = 0; channel < 3; channel++)
				room.plane(channel)[i] *= 1 - strength * where.values[i] * dark;
		}
}

} // namespace

Image draw_room_view(const Bitmap &room, const View &view, Random &random)
{
	Image result(3, view.height, view.width);
	const double scale = std::max(view.frame_height / room.height() * std::exp(random.between(-0.25, 0.6)),
				      0.75 * std::max(static_cast<double>(view.height) / room.height(),
						      static_cast<double>(view.width) / room.width()));
	const double angle = random.between(-0.09, 0.09), mirror = random.sign();
	const double free_x = std::max(0.0, (room.width() * scale - view.width) / 2);
	const double free_y = std::max(0.0, (room.height() * scale - view.height) / 2);
	Point to{view.width / 2.0, view.height / 2.0};
	to.x += free_x * random.between(-1, 1);
	to.y += free_y * random.between(-1, 1);
	room.draw(result, Affine::about({room.width() / 2.0, room.height() / 2.0}, to, angle, mirror * scale, scale),
		  true);
	const double pixel = view.pixel();
	if (random.chance(0.4))
		blur(result, random.log_between(0.7, 14) * pixel);
	else if (random.chance(0.75))
		add_detail(result, pixel, random);
	if (random.chance(0.4))
		add_tiles(result, pixel, random);
	if (random.chance(0.8))
		expose(result, random.between(0.22, 0.6));
	if (random.chance(0.3))
		tint(result, 0.08, std::exp(random.between(-1, 0.2)), random);
	if (random.chance(0.12)) { // white walls, or too much light; with nobody before them, too
		const auto left = static_cast<float>(random.between(0.1, 0.6));
		for (float &value : result.values)
			value = 1 - (1 - std::min(value, 1.F)) * left;
	}
	return result;
}

} // namespace matting::training
