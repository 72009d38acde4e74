// SPDX-License-Identifier: GPL-2.0-or-later
#include "camera.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "compression.hpp"

namespace matting::training {
namespace {

// Enough different values that a row from any place of it is like no other.
const std::vector<float> &normal_numbers()
{
	static const std::vector<float> numbers = [] {
		std::vector<float> values(size_t{1} << 20);
		Random random(3, 33);
		for (float &value : values)
			value = static_cast<float>(random.normal());
		return values;
	}();
	return numbers;
}

Image noise_image(Random &random, int channels, int height, int width)
{
	const std::vector<float> &numbers = normal_numbers();
	Image result(channels, height, width);
	float *to = result.values.data();
	for (int row = 0; row < channels * height; row++, to += width) {
		const size_t from = random.next() % (numbers.size() - width);
		std::copy_n(numbers.begin() + static_cast<ptrdiff_t>(from), width, to);
	}
	return result;
}

struct Sensor {
	double deviation, grain, colourfulness, in_the_dark;

	explicit Sensor(Random &random)
		: deviation(random.chance(0.8) ? random.log_between(0.003, 0.035) : 0),
		  grain(random.chance(0.5) ? random.between(0.35, 1.1) : 0), colourfulness(random.between(0.2, 1)),
		  in_the_dark(random.between(0.3, 1.2))
	{
	}
};

void add_noise(Image &image, const Sensor &sensor, double share, Random &random)
{
	if (sensor.deviation * share <= 0)
		return;
	Image grey = noise_image(random, 1, image.height, image.width);
	Image colours = noise_image(random, 3, image.height, image.width);
	if (sensor.grain > 0) {
		blur(grey, sensor.grain);
		blur(colours, sensor.grain);
	}
	// Blurring takes strength away: 1 / (2 sqrt(pi) deviation) of it is left, once the blur is wider than a pixel.
	const double strength =
		sensor.deviation * share * std::max(1.0, 2 * std::sqrt(std::numbers::pi) * sensor.grain);
	const double colour = sensor.colourfulness, rest = std::sqrt(1 - 0.7 * colour * colour);
	const auto colour_share = static_cast<float>(strength * colour),
		   grey_share = static_cast<float>(strength * rest);
	const auto dark = static_cast<float>(sensor.in_the_dark), slope = static_cast<float>(1 - sensor.in_the_dark);
	for (int channel = 0; channel < 3; channel++) {
		float *to = image.plane(channel);
		const float *own = colours.plane(channel), *common = grey.plane(0);
		for (size_t i = 0; i < image.area(); i++)
			to[i] += (own[i] * colour_share + common[i] * grey_share) *
				 (dark + slope * std::clamp(to[i], 0.F, 1.F));
	}
}

void sharpen(Image &image, double strength, double radius)
{
	Image soft = image;
	blur(soft, radius);
	for (size_t i = 0; i < image.values.size(); i++)
		image.values[i] += static_cast<float>(strength) * (image.values[i] - soft.values[i]);
}

// Bumped, or the tripod has sunk.
Image misplaced(const Image &plate, double pixel, Random &random)
{
	constexpr double reaches[]{1.5, 3, 8};
	const double reach = reaches[random.pick({0.42, 0.45, 0.13})];
	const double right = random.between(-reach, reach) * pixel, down = random.between(-reach, reach) * pixel;
	const double angle = 0.0015 * random.normal(), zoom = 1 + 0.0015 * random.normal();
	const Point centre{plate.width / 2.0, plate.height / 2.0};
	return transformed(plate, Affine::about(centre, {centre.x + right, centre.y + down}, angle, zoom, zoom));
}

// The plate was taken in another light, with another exposure and white balance.
void drift(Image &plate, Random &random)
{
	const double strength = random.chance(0.3) ? 2.2 : 1, gain = std::exp(0.08 * strength * random.normal());
	const auto offset = static_cast<float>(random.chance(0.5) ? 0.012 * random.normal() : 0);
	const bool bends = random.chance(0.4), fades = random.chance(0.35);
	const auto gamma = static_cast<float>(std::exp(0.1 * random.normal()));
	const auto saturation = static_cast<float>(std::exp(0.15 * random.normal()));
	for (int channel = 0; channel < 3; channel++) {
		const auto factor = static_cast<float>(gain * std::exp(0.035 * strength * random.normal()));
		float *plane = plate.plane(channel);
		for (size_t i = 0; i < plate.area(); i++) {
			plane[i] = plane[i] * factor + offset;
			if (bends)
				plane[i] = std::pow(std::clamp(plane[i], 0.F, 1.F), gamma);
		}
	}
	if (!fades)
		return;
	float *red = plate.plane(0), *green = plate.plane(1), *blue = plate.plane(2);
	for (size_t i = 0; i < plate.area(); i++) {
		const float grey = (red[i] + green[i] + blue[i]) / 3;
		red[i] = grey + (red[i] - grey) * saturation;
		green[i] = grey + (green[i] - grey) * saturation;
		blue[i] = grey + (blue[i] - grey) * saturation;
	}
}

// Out of focus, in one picture or in both.
void defocus(Scene &scene, Image &source, double pixel, Random &random)
{
	const double deviation = random.log_between(0.4, 4) * pixel;
	const int which = random.pick({0.45, 0.35, 0.2});
	if (which != 2)
		for (Image *image : {&source, &scene.foreground, &scene.alpha})
			blur(*image, deviation);
	if (which != 0)
		blur(scene.empty_room, deviation);
}

void end_in_bytes(Image &image)
{
	for (float &value : image.values)
		value = static_cast<float>(static_cast<int>(std::clamp(value, 0.F, 1.F) * 255 + 0.5F)) / 255;
}

} // namespace

void photograph(Scene &scene, Image &source, double pixel, Random &random)
{
	Image &plate = scene.empty_room;
	if (random.chance(0.08)) {
		end_in_bytes(source);
		end_in_bytes(plate);
		return;
	}
	if (random.chance(0.6))
		plate = misplaced(plate, pixel, random);
	if (random.chance(0.75))
		drift(plate, random);
	if (random.chance(0.25))
		defocus(scene, source, pixel, random);
	Sensor sensor(random);
	const double plate_share = random.between(0.25, 1); // the plate may be the mean of several frames
	add_noise(source, sensor, 1, random);
	add_noise(plate, sensor, plate_share, random);
	if (random.chance(0.15)) {
		const double strength = random.between(0.2, 1), radius = random.between(0.6, 1.4);
		sharpen(source, strength, radius);
		sharpen(plate, strength, radius);
	}
	const bool halves_chroma = random.chance(0.4);
	const double coarse = random.chance(0.35) ? random.between(35, 96) : 100;
	if (halves_chroma || coarse < 100) {
		// Smaller pictures have lost most of the damage when they were made smaller.
		const double quality = coarse < 100 ? 100 - (100 - coarse) * std::clamp(1.3 * pixel, 0.3, 1.0) : 100;
		compress(source, quality, halves_chroma);
		if (random.chance(0.85))
			compress(plate, quality, halves_chroma);
	}
	end_in_bytes(source);
	end_in_bytes(plate);
}

} // namespace matting::training
