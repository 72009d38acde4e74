// SPDX-License-Identifier: GPL-2.0-or-later
// What is drawn by lot for a scene; scene.cpp does it.
#include "scene.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace matting::training {
namespace {

constexpr double pi = std::numbers::pi;

Affine place_sprite(const Sprite &sprite, const View &view, bool is_first, Random &random)
{
	const auto side = static_cast<double>(sprite.bitmap.width());
	const double share = is_first ? random.log_between(0.45, 1.4) : random.log_between(0.15, 0.8);
	const double size = share * view.frame_height, stretch = std::exp(random.between(-0.18, 0.18));
	const double angle = random.chance(0.88) ? 0.11 * random.normal() : random.between(-pi, pi);
	const double scale_x = size / side * stretch * random.sign(), scale_y = size / side;
	const Point middle{side / 2, side / 2};
	Point to{view.width / 2.0, view.height / 2.0};
	if (size > 0.9 * view.height && !sprite.edges.empty() && random.chance(0.6)) {
		// Near: most of the view would show its inside, or nothing of it. Edges are what has to be learnt.
		const Point edge = sprite.edges[random.next() % sprite.edges.size()];
		to.x += view.width * random.between(-0.35, 0.35);
		to.y += view.height * random.between(-0.35, 0.35);
		return Affine::about(edge, to, angle, scale_x, scale_y);
	}
	if (is_first && random.chance(0.55) && size < 1.7 * view.height) {
		// Sitting before a webcam: cut by the lower edge.
		to.x += view.width * random.between(-0.35, 0.35);
		to.y = view.height - size / 2 + size * random.between(0, 0.2);
	} else {
		to.x += std::max<double>(size, view.width) * random.between(-0.42, 0.42);
		to.y += std::max<double>(size, view.height) * random.between(-0.42, 0.42);
	}
	return Affine::about(middle, to, angle, scale_x, scale_y);
}

Sway random_sway(const Bitmap &bitmap, Random &random)
{
	const auto wave = [&](int64_t size) {
		const double height = static_cast<double>(size) * random.between(0, 0.02),
			     waves = random.between(0.5, 3);
		return Sway::Wave{height, waves, random.between(0, 2 * pi)};
	};
	const Sway::Wave x = wave(bitmap.height());
	return {x, wave(bitmap.width())};
}

Factors each_channel(auto value)
{
	Factors factors;
	for (float &factor : factors)
		factor = static_cast<float>(value());
	return factors;
}

LayerPlan::Softness random_softness(const View &view, Random &random)
{
	const double deviation = random.log_between(3, 50) * view.pixel();
	const double scale = 1 / (deviation * random.log_between(1.5, 12));
	const double strength = random.chance(0.7) ? random.between(0.05, 0.5) : 0;
	const double x0 = random.between(0, 8), y0 = random.between(0, 8);
	const double longer = random.log_between(0.3, 3); // than wide
	return {deviation, strength, {1, x0, y0, scale * longer, scale}, Patches(random)};
}

// In this order, one after the other, whatever the compiler does with arguments.
LightPlan::Reflections random_reflections(Random &random)
{
	const double brightness = random.unit(), width = random.log_between(0.05, 0.4);
	const Field field(random, random.integer(1, 5));
	const double strength = random.log_between(0.01, 0.08);
	return {brightness, width, field, each_channel([&] { return strength * random.normal(); })};
}

LightPlan::Colours random_colours(Random &random)
{
	const Field field(random, random.integer(1, 6));
	const double strength = random.between(0, 0.15), colourfulness = random.chance(0.5) ? 0.7 : 0;
	return {field, each_channel([&] { return strength * (1 + colourfulness * random.normal()); })};
}

} // namespace

LayerPlan::LayerPlan(std::shared_ptr<const Sprite> sprite_, const View &view, bool is_first, Random &random)
	: sprite(std::move(sprite_)), sight{&sprite->bitmap, place_sprite(*sprite, view, is_first, random), {}}
{
	const Sway sway = random_sway(sprite->bitmap, random);
	if (random.chance(0.8))
		sight.sway = sway;
	const double enlarged = std::hypot(sight.placement.xy, sight.placement.yy);
	if (random.chance(0.45))
		crispness = std::max(1.0, enlarged) * random.between(1, 1.8);
	if (random.chance(0.6)) {
		const Field field(random, random.integer(1, 3));
		lamp = {field, random.between(0.1, 0.7)};
	}
	if (random.chance(0.35))
		softness = random_softness(view, random);
	if (random.chance(0.35)) {
		const double most = random.chance(0.8) ? 6 : 14;
		blur = random.log_between(0.5, most) * view.pixel();
	}
	if (random.chance(0.12)) {
		const double length = random.between(3, 60) * view.pixel();
		if (length > 1)
			motion = {random.between(0, pi), length};
	}
	const double level = std::exp(0.15 * random.normal());
	colour = each_channel([&] { return level * std::exp(0.06 * random.normal()); });
	if (random.chance(0.5)) {
		const auto factor = static_cast<float>(std::exp(random.between(-0.7, 0.5)));
		for (float &own : colour)
			own *= factor;
	}
	camouflage = Camouflage(view.pixel(), random);
}

ShadowPlan::ShadowPlan(const View &view, Random &random)
{
	const auto down_there = static_cast<int64_t>(view.frame_height * random.between(-0.15, 0.25));
	const auto right_there = static_cast<int64_t>(view.frame_height * random.between(-0.25, 0.25));
	if (random.chance(0.8)) {
		down = down_there;
		right = right_there;
	}
	deviation = std::max(0.5, random.log_between(4, 90) * view.pixel());
	depth = random.between(0.04, 0.5);
}

LightPlan::LightPlan(Random &random)
{
	if (random.chance(0.4))
		colours = random_colours(random);
	if (random.chance(0.35))
		reflections = random_reflections(random);
	if (random.chance(0.12)) {
		const Patches where(random);
		shadow = {where, random.between(0.03, 0.35)};
	}
	if (random.chance(0.1)) {
		const Field field(random, random.integer(2, 6));
		glare = {field, random.between(0, 0.25)};
	}
}

ScenePlan::ScenePlan(const std::vector<std::shared_ptr<const Sprite>> &sprites, const View &view, Random &random)
{
	for (const auto &sprite : sprites)
		layers.emplace_back(sprite, view, layers.empty(), random);
	if (!sprites.empty() && random.chance(0.6)) {
		const int count = random.integer(1, 2);
		for (int i = 0; i < count; i++)
			shadows.emplace_back(view, random);
	}
	light = LightPlan(random);
}

} // namespace matting::training
