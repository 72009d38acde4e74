// SPDX-License-Identifier: GPL-2.0-or-later
#include "camouflage.hpp"

#include <algorithm>

namespace matting::training {
namespace {

// Colour of the layer = mix with alpha * other, by `share` of each place.
template<typename Share> void pull_towards(Layer &layer, const Image &other, Share share)
{
	const float *alpha = layer.plane(3);
	for (int channel = 0; channel < 3; channel++) {
		float *to = layer.plane(channel);
		const float *from = other.plane(channel);
		for (size_t i = 0; i < layer.area(); i++)
			to[i] += (from[i] * alpha[i] - to[i]) * share(i);
	}
}

// The mean colour of the room behind the layer instead of the layer's own.
void take_mean_colour(Layer &layer, const Image &room, float share)
{
	const float *alpha = layer.plane(3);
	double sum = 0;
	for (size_t i = 0; i < layer.area(); i++)
		sum += alpha[i];
	if (sum < 20)
		return;
	for (int channel = 0; channel < 3; channel++) {
		double difference = 0;
		for (size_t i = 0; i < layer.area(); i++)
			difference += room.plane(channel)[i] * alpha[i] - layer.plane(channel)[i];
		for (size_t i = 0; i < layer.area(); i++)
			layer.plane(channel)[i] += static_cast<float>(difference / sum) * share * alpha[i];
	}
}

// As near to white as the room.
void lighten(Layer &layer, float left)
{
	const float *alpha = layer.plane(3);
	for (int channel = 0; channel < 3; channel++)
		for (size_t i = 0; i < layer.area(); i++) {
			float &colour = layer.plane(channel)[i];
			colour = alpha[i] - (alpha[i] - colour) * left;
		}
}

void fade(Image &image, float strength)
{
	for (size_t i = 0; i < image.area(); i++) {
		const float grey = (image.plane(0)[i] + image.plane(1)[i] + image.plane(2)[i]) / 3;
		for (int channel = 0; channel < 3; channel++)
			image.plane(channel)[i] += (grey - image.plane(channel)[i]) * strength;
	}
}

// In patches, both.
void darken_together(Layer &layer, Image &room, float strength, Random &random)
{
	const Image where = patches(random, room.height, room.width);
	const auto factor = static_cast<float>(random.between(0.05, 0.4));
	for (int channel = 0; channel < 3; channel++)
		for (size_t i = 0; i < room.area(); i++) {
			room.plane(channel)[i] *= 1 - (1 - factor) * where.values[i];
			layer.plane(channel)[i] *= 1 - (1 - factor) * where.values[i] * strength;
		}
}

} // namespace

void darken(Image &image, double factor)
{
	for (size_t i = 0; i < 3 * image.area(); i++)
		image.values[i] *= static_cast<float>(factor);
}

// In patches with soft borders.
Image patches(Random &random, int height, int width)
{
	Image field = smooth_field(random, height, width, random.integer(2, 6));
	const auto sharpness = static_cast<float>(random.log_between(1, 12)),
		   level = static_cast<float>(random.between(-0.3, 0.3));
	for (float &value : field.values)
		value = std::clamp((value - level) * sharpness + 0.5F, 0.F, 1.F);
	return field;
}

// Colours say little where those of the person are those of the room: shape has to help.
void camouflage(Layer &layer, Image &room, double pixel, Random &random)
{
	const auto strength = static_cast<float>(random.between(0.3, 1));
	// Nobody has the very texture of the room: what has it is a reflection, or the room itself, a pixel beside the plate.
	switch (random.pick({0.6, 0.1, 0.06, 0.09, 0.06, 0.05, 0.04})) {
	case 1:
		return take_mean_colour(layer, room, strength);
	case 2: { // dark on dark
		const double factor = random.between(0.06, 0.4);
		darken(layer, factor);
		darken(room, factor * random.between(0.7, 1.5));
		return;
	}
	case 3: { // light on light
		lighten(layer, static_cast<float>(random.between(0.1, 0.4)));
		const double left_of_room = random.between(0.1, 0.5);
		for (float &value : room.values)
			value = 1 - (1 - value) * static_cast<float>(left_of_room);
		return;
	}
	case 4: { // here and there the colour of what is just behind
		Image near = room;
		blur(near, random.log_between(4, 40) * pixel);
		const Image where = patches(random, room.height, room.width);
		return pull_towards(layer, near, [&](size_t i) { return where.values[i] * strength; });
	}
	case 5: // something as dark or as light behind a part of it
		return darken_together(layer, room, strength, random);
	case 6: // without colour, both
		fade(layer, strength);
		fade(room, strength);
		return;
	default:
		return;
	}
}

} // namespace matting::training
