// SPDX-License-Identifier: GPL-2.0-or-later
#include "camera.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace matting::training {
namespace {

// Enough different values that a row from any place of it is like no other.
constexpr uint64_t normal_count = uint64_t{1} << 20;

at::Tensor normal_numbers()
{
	std::vector<float> values(normal_count);
	Random random(3, 33);
	for (float &value : values)
		value = static_cast<float>(random.normal());
	return at::tensor(values);
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

std::optional<Grain> random_grain(const Sensor &sensor, double share, const View &view, Random &random)
{
	if (sensor.deviation * share <= 0)
		return {};
	std::vector<int64_t> rows; // one channel of grey, three of colours
	for (int row = 0; row < 4 * view.height; row++)
		rows.push_back(
			static_cast<int64_t>(random.next() % (normal_count - static_cast<uint64_t>(view.width))));
	// Blurring takes strength away: 1 / (2 sqrt(pi) deviation) of it is left, once the blur is wider than a pixel.
	const double strength =
		sensor.deviation * share * std::max(1.0, 2 * std::sqrt(std::numbers::pi) * sensor.grain);
	const double colour = sensor.colourfulness, rest = std::sqrt(1 - 0.7 * colour * colour);
	return Grain{std::move(rows), sensor.grain, strength * colour, strength * rest, sensor.in_the_dark};
}

Affine random_displacement(const View &view, Random &random)
{
	constexpr double reaches[]{1.5, 3, 8};
	const double reach = reaches[random.pick({0.42, 0.45, 0.13})];
	const double right = random.between(-reach, reach) * view.pixel(),
		     down = random.between(-reach, reach) * view.pixel();
	const double angle = 0.0015 * random.normal(), zoom = 1 + 0.0015 * random.normal();
	const Point centre{view.width / 2.0, view.height / 2.0};
	return Affine::about(centre, {centre.x + right, centre.y + down}, angle, zoom, zoom);
}

CameraPlan::Drift random_drift(Random &random)
{
	const double strength = random.chance(0.3) ? 2.2 : 1, gain = std::exp(0.08 * strength * random.normal());
	const double offset = random.chance(0.5) ? 0.012 * random.normal() : 0;
	const bool bends = random.chance(0.4), fades = random.chance(0.35);
	const double gamma = std::exp(0.1 * random.normal()), saturation = std::exp(0.15 * random.normal());
	CameraPlan::Drift drift{.offset = offset};
	for (float &factor : drift.factors)
		factor = static_cast<float>(gain * std::exp(0.035 * strength * random.normal()));
	if (bends)
		drift.gamma = gamma;
	if (fades)
		drift.saturation = saturation;
	return drift;
}

void displace(const std::vector<Affine> &placements, at::Tensor &pictures)
{
	pictures = transformed(pictures, placements);
}

void drift(const std::vector<CameraPlan::Drift> &steps, at::Tensor &pictures)
{
	using Drift = CameraPlan::Drift;
	pictures.mul_(factors(steps, &Drift::factors, pictures.device()))
		.add_(numbers(steps, &Drift::offset, pictures.device()));
	const auto bend = [](const std::vector<double> &gammas, at::Tensor &part) {
		part.clamp_(0, 1).pow_(numbers(gammas, part.device()));
	};
	where_drawn(steps, &Drift::gamma, bend, pictures);
	const auto fade = [](const std::vector<double> &saturations, at::Tensor &part) {
		part.lerp_(part.mean(1, /*keepdim=*/true), 1 - numbers(saturations, part.device()));
	};
	where_drawn(steps, &Drift::saturation, fade, pictures);
}

template<typename... Pictures> void defocus(const std::vector<double> &deviations, Pictures &...pictures)
{
	((pictures = blurred(pictures, deviations)), ...);
}

void add_grain(const std::vector<Grain> &grains, at::Tensor &pictures)
{
	static Constant table(normal_numbers);
	const int64_t height = pictures.size(2), width = pictures.size(3);
	std::vector<int64_t> rows;
	for (const Grain &grain : grains)
		rows.insert(rows.end(), grain.rows.begin(), grain.rows.end());
	const at::Tensor even = table.on(pictures.device())
					.unfold(0, width, 1)
					.index_select(0, to_device(rows, pictures.device()))
					.view({-1, 4, height, width});
	const at::Tensor all = blurred(even, each(grains, &Grain::deviation));
	const auto number = [&](auto member) {
		return numbers(grains, member, pictures.device());
	};
	const at::Tensor sum = all.narrow(1, 1, 3) * number(&Grain::colour);
	sum.addcmul_(all.narrow(1, 0, 1), number(&Grain::grey));
	const at::Tensor dark = number(&Grain::in_the_dark);
	pictures.addcmul_(sum, pictures.clamp(0, 1).mul_(1 - dark).add_(dark));
}

template<typename... Pictures> void sharpen(const std::vector<CameraPlan::Sharpening> &steps, Pictures &...pictures)
{
	const auto sharpen_one = [&](at::Tensor &picture) {
		const at::Tensor soft = blurred(picture, each(steps, &CameraPlan::Sharpening::radius));
		picture.addcmul_(picture - soft, numbers(steps, &CameraPlan::Sharpening::strength, picture.device()));
	};
	(sharpen_one(pictures), ...);
}

void end_in_bytes(at::Tensor &pictures)
{
	pictures.clamp_(0, 1).mul_(255).add_(0.5).floor_().div_(255);
}

} // namespace

CameraPlan::CameraPlan(const View &view, Random &random)
{
	if (random.chance(0.08))
		return;
	const double pixel = view.pixel();
	if (random.chance(0.6))
		displacement = random_displacement(view, random);
	if (random.chance(0.75))
		drift = random_drift(random);
	if (random.chance(0.25)) { // in one picture or in both
		const double deviation = random.log_between(0.4, 4) * pixel;
		const int which = random.pick({0.45, 0.35, 0.2});
		if (which != 2)
			blur = deviation;
		if (which != 0)
			plate_blur = deviation;
	}
	const Sensor sensor(random);
	const double plate_share = random.between(0.25, 1); // the plate may be the mean of several frames
	grain = random_grain(sensor, 1, view, random);
	plate_grain = random_grain(sensor, plate_share, view, random);
	if (random.chance(0.15)) {
		const double strength = random.between(0.2, 1);
		sharpening = {strength, random.between(0.6, 1.4)};
	}
	const bool halves_chroma = random.chance(0.4);
	const double coarse = random.chance(0.35) ? random.between(35, 96) : 100;
	if (halves_chroma || coarse < 100) {
		// Smaller pictures have lost most of the damage when they were made smaller.
		compression.emplace();
		if (coarse < 100)
			compression->quality = 100 - (100 - coarse) * std::clamp(1.3 * pixel, 0.3, 1.0);
		if (halves_chroma)
			compression->half_chroma.emplace();
		if (random.chance(0.85))
			plate_compression = compression;
	}
}

void photograph(Scenes &scenes, at::Tensor &source, const std::vector<CameraPlan> &plans)
{
	at::Tensor &plate = scenes.empty_room;
	where_drawn(plans, &CameraPlan::displacement, displace, plate);
	where_drawn(plans, &CameraPlan::drift, training::drift, plate);
	where_drawn(plans, &CameraPlan::blur, defocus<at::Tensor, at::Tensor, at::Tensor>, source, scenes.foreground,
		    scenes.alpha);
	where_drawn(plans, &CameraPlan::plate_blur, defocus<at::Tensor>, plate);
	where_drawn(plans, &CameraPlan::grain, add_grain, source);
	where_drawn(plans, &CameraPlan::plate_grain, add_grain, plate);
	where_drawn(plans, &CameraPlan::sharpening, sharpen<at::Tensor, at::Tensor>, source, plate);
	where_drawn(plans, &CameraPlan::compression, compress, source);
	where_drawn(plans, &CameraPlan::plate_compression, compress, plate);
	end_in_bytes(source);
	end_in_bytes(plate);
}

} // namespace matting::training
