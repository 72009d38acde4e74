// SPDX-License-Identifier: GPL-2.0-or-later
#include "scene.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "camouflage.hpp"
#include "material.hpp"

namespace matting::training {
namespace {

constexpr double pi = std::numbers::pi;

Affine place_sprite(const Sprite &sprite, const View &view, bool is_first, Random &random)
{
	const double side = sprite.bitmap.width();
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

Bitmap::Sway random_sway(const Bitmap &bitmap, Random &random)
{
	const auto wave = [&](int count) {
		std::vector<float> values(count);
		const double height = count * random.between(0, 0.02), waves = random.between(0.5, 3),
			     phase = random.between(0, 2 * pi);
		for (int i = 0; i < count; i++)
			values[i] = static_cast<float>(height * std::sin(2 * pi * waves * i / count + phase));
		return values;
	};
	Bitmap::Sway sway;
	sway.x_by_row = wave(bitmap.height());
	sway.y_by_column = wave(bitmap.width());
	return sway;
}

// Enlarged drawings have softer edges than a lens; small ones may be sharp, too.
void make_crisp(Layer &layer, double strength)
{
	float *alpha = layer.plane(3);
	for (size_t i = 0; i < layer.area(); i++) {
		if (alpha[i] <= 0)
			continue;
		const float crisp = std::clamp((alpha[i] - 0.5F) * static_cast<float>(strength) + 0.5F, 0.F, 1.F);
		const float factor = crisp / std::max(alpha[i], 1e-3F);
		for (int channel = 0; channel < 3; channel++)
			layer.plane(channel)[i] *= factor;
		alpha[i] = crisp;
	}
}

// A lamp or a window on one side.
void light_layer(Layer &layer, Random &random)
{
	const Image field = smooth_field(random, layer.height, layer.width, random.integer(1, 3));
	const auto strength = static_cast<float>(random.between(0.1, 0.7));
	for (int channel = 0; channel < 3; channel++)
		for (size_t i = 0; i < layer.area(); i++)
			layer.plane(channel)[i] *= 1 + strength * field.values[i];
}

// Dense fur, and what bends away from where the lens is sharp: wide, half transparent, and in tufts.
void soften_edges(Layer &layer, const View &view, Random &random)
{
	const double deviation = random.log_between(3, 50) * view.pixel();
	const auto scale = static_cast<float>(1 / (deviation * random.log_between(1.5, 12))),
		   strength = static_cast<float>(random.chance(0.7) ? random.between(0.05, 0.5) : 0);
	const auto x0 = static_cast<float>(random.between(0, 8)), y0 = static_cast<float>(random.between(0, 8));
	const auto longer = static_cast<float>(random.log_between(0.3, 3)); // than wide
	Image density(1, view.height, view.width);
	if (strength > 0)
		for (int y = 0; y < view.height; y++)
			for (int x = 0; x < view.width; x++)
				density.values[static_cast<size_t>(y) * view.width + x] =
					strength * noise_at(1, x0 + static_cast<float>(x) * scale * longer,
							    y0 + static_cast<float>(y) * scale);
	blur_edges(layer, patches(random, view.height, view.width), density, deviation);
}

Layer draw_layer(const Sprite &sprite, const View &view, bool is_first, Random &random)
{
	const Affine placement = place_sprite(sprite, view, is_first, random);
	const Bitmap::Sway sway = random_sway(sprite.bitmap, random);
	Layer layer(4, view.height, view.width);
	sprite.bitmap.draw(layer, placement, false, random.chance(0.8) ? &sway : nullptr);
	const double enlarged = std::hypot(placement.xy, placement.yy);
	if (random.chance(0.45))
		make_crisp(layer, std::max(1.0, enlarged) * random.between(1, 1.8));
	if (random.chance(0.6))
		light_layer(layer, random);
	const double pixel = view.pixel();
	if (random.chance(0.35))
		soften_edges(layer, view, random);
	if (random.chance(0.35))
		blur(layer, random.log_between(0.5, random.chance(0.8) ? 6 : 14) * pixel);
	if (random.chance(0.12)) {
		const double length = random.between(3, 60) * pixel;
		if (length > 1)
			blur_motion(layer, random.between(0, pi), length);
	}
	return layer;
}

void limit(Layer &layer)
{
	const float *alpha = layer.plane(3);
	for (int channel = 0; channel < 3; channel++)
		for (size_t i = 0; i < layer.area(); i++)
			layer.plane(channel)[i] = std::clamp(layer.plane(channel)[i], 0.F, alpha[i]);
}

void add_layer(Scene &scene, const Layer &layer)
{
	const float *alpha = layer.plane(3);
	for (size_t i = 0; i < layer.area(); i++) {
		const float rest = 1 - alpha[i];
		for (int channel = 0; channel < 3; channel++) {
			float &colour = scene.foreground.plane(channel)[i];
			colour = colour * rest + layer.plane(channel)[i];
		}
		scene.alpha.values[i] = scene.alpha.values[i] * rest + alpha[i];
	}
}

// What leaves on one side comes in on the other; `down` and `right` from 0 to below the size.
Image rolled(const Image &image, int down, int right)
{
	Image result(image.channels, image.height, image.width);
	for (int channel = 0; channel < image.channels; channel++)
		for (int y = 0; y < image.height; y++) {
			const float *from =
				image.plane(channel) + static_cast<size_t>((y + down) % image.height) * image.width;
			float *to = result.plane(channel) + static_cast<size_t>(y) * image.width;
			std::copy(from + right, from + image.width, to);
			std::copy(from, from + right, to + image.width - right);
		}
	return result;
}

void cast_shadow(Scene &scene, const View &view, Random &random)
{
	Image shadow = scene.alpha;
	const int down = static_cast<int>(view.frame_height * random.between(-0.15, 0.25));
	const int right = static_cast<int>(view.frame_height * random.between(-0.25, 0.25));
	const auto wrap = [](int shift, int count) {
		return (shift % count + count) % count;
	};
	if (random.chance(0.8))
		shadow = rolled(shadow, wrap(-down, view.height), wrap(-right, view.width));
	blur(shadow, std::max(0.5, random.log_between(4, 90) * view.pixel()));
	const auto depth = static_cast<float>(random.between(0.04, 0.5));
	for (int channel = 0; channel < 3; channel++)
		for (size_t i = 0; i < shadow.area(); i++)
			scene.room.plane(channel)[i] *= 1 - depth * shadow.values[i];
}

// Steel, glass and varnish throw back what is before them, and that is another now. Here they are all that has about one
// brightness: their borders are those of things in the room, not of a person.
void change_reflections(Scene &scene, const View &view, Random &random)
{
	const double brightness = random.unit(), width = random.log_between(0.05, 0.4);
	const auto lightness = [](const Image &image, size_t i) {
		return (image.plane(0)[i] + image.plane(1)[i] + image.plane(2)[i]) / 3;
	};
	const Image field = smooth_field(random, view.height, view.width, random.integer(1, 5));
	const double strength = random.log_between(0.01, 0.08);
	const float colour[]{static_cast<float>(strength * random.normal()),
			     static_cast<float>(strength * random.normal()),
			     static_cast<float>(strength * random.normal())};
	for (size_t i = 0; i < field.area(); i++) {
		const double distance = std::abs(lightness(scene.empty_room, i) - brightness) / width;
		const auto share =
			static_cast<float>(std::clamp(3 - 3 * distance, 0.0, 1.0)) * (0.5F + field.values[i]);
		for (int channel = 0; channel < 3; channel++)
			scene.room.plane(channel)[i] += share * colour[channel];
	}
}

// The light has changed since the plate was taken, and the person throws it back.
void change_light(Scene &scene, const View &view, Random &random)
{
	if (random.chance(0.4)) { // in steel and paint, too, the person's colours
		const Image field = smooth_field(random, view.height, view.width, random.integer(1, 6));
		const double strength = random.between(0, 0.15), colourfulness = random.chance(0.5) ? 0.7 : 0;
		for (int channel = 0; channel < 3; channel++) {
			const auto own = static_cast<float>(strength * (1 + colourfulness * random.normal()));
			for (size_t i = 0; i < field.area(); i++)
				scene.room.plane(channel)[i] *= 1 + own * field.values[i];
		}
	}
	if (random.chance(0.35))
		change_reflections(scene, view, random);
	if (random.chance(0.12)) { // the shadow of somebody who is not in the picture
		const Image field = patches(random, view.height, view.width);
		const auto depth = static_cast<float>(random.between(0.03, 0.35));
		for (int channel = 0; channel < 3; channel++)
			for (size_t i = 0; i < field.area(); i++)
				scene.room.plane(channel)[i] *= 1 - depth * field.values[i];
	}
	if (random.chance(0.1)) { // glare
		const Image field = smooth_field(random, view.height, view.width, random.integer(2, 6));
		const auto strength = static_cast<float>(random.between(0, 0.25));
		for (int channel = 0; channel < 3; channel++)
			for (size_t i = 0; i < field.area(); i++)
				scene.room.plane(channel)[i] += strength * std::max(0.F, field.values[i]);
	}
}

} // namespace

Scene compose(const Image &room, const std::vector<std::shared_ptr<const Sprite>> &sprites, const View &view,
	      Random &random)
{
	Scene scene(view);
	scene.empty_room = room;
	bool is_first = true;
	for (const auto &sprite : sprites) {
		Layer layer = draw_layer(*sprite, view, is_first, random);
		is_first = false;
		tint(layer, 0.06, std::exp(0.15 * random.normal()), random);
		if (random.chance(0.5))
			darken(layer, std::exp(random.between(-0.7, 0.5)));
		limit(layer);
		camouflage(layer, scene.empty_room, view.pixel(), random);
		limit(layer);
		add_layer(scene, layer);
	}
	for (float &value : scene.empty_room.values)
		value = std::clamp(value, 0.F, 1.F);
	scene.room = scene.empty_room;
	if (!sprites.empty() && random.chance(0.6)) {
		const int shadows = random.integer(1, 2);
		for (int i = 0; i < shadows; i++)
			cast_shadow(scene, view, random);
	}
	change_light(scene, view, random);
	return scene;
}

} // namespace matting::training
