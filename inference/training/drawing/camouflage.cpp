// SPDX-License-Identifier: GPL-2.0-or-later
#include "camouflage.hpp"

#include "blur.hpp"
#include "steps.hpp"

namespace matting::training {
namespace {

void take_mean_colour(const std::vector<double> &shares, at::Tensor &layers, const at::Tensor &rooms)
{
	const at::Tensor alpha = alpha_of(layers), sum = alpha.sum({2, 3}, /*keepdim=*/true);
	const at::Tensor difference = (rooms * alpha - colours_of(layers)).sum({2, 3}, /*keepdim=*/true);
	const at::Tensor is_seen = sum >= 20; // pixels
	colours_of(layers).add_(difference / sum.clamp_min(1) * numbers(shares, layers.device()) * is_seen * alpha);
}

void darken(const std::vector<Camouflage::Dark> &steps, at::Tensor &layers, at::Tensor &rooms)
{
	colours_of(layers).mul_(numbers(steps, &Camouflage::Dark::layer, layers.device()));
	rooms.mul_(numbers(steps, &Camouflage::Dark::room, layers.device()));
}

void lighten(const std::vector<Camouflage::Light> &steps, at::Tensor &layers, at::Tensor &rooms)
{
	const at::Tensor left = numbers(steps, &Camouflage::Light::layer, layers.device());
	colours_of(layers).mul_(left).add_(alpha_of(layers) * (1 - left));
	const at::Tensor left_of_room = numbers(steps, &Camouflage::Light::room, layers.device());
	rooms.mul_(left_of_room).add_(1 - left_of_room);
}

void show_what_is_behind(const std::vector<Camouflage::Behind> &steps, at::Tensor &layers, const at::Tensor &rooms)
{
	const at::Tensor share = patches(each(steps, &Camouflage::Behind::where), Extent::of(layers))
					 .mul_(numbers(steps, &Camouflage::Behind::strength, layers.device()));
	const at::Tensor near = blurred(rooms, each(steps, &Camouflage::Behind::deviation));
	colours_of(layers).lerp_(near * alpha_of(layers), share);
}

void darken_together(const std::vector<Camouflage::DarkPlace> &steps, at::Tensor &layers, at::Tensor &rooms)
{
	const at::Tensor loss = patches(each(steps, &Camouflage::DarkPlace::where), Extent::of(layers))
					.mul_(1 - numbers(steps, &Camouflage::DarkPlace::factor, layers.device()));
	rooms.mul_(1 - loss);
	colours_of(layers).mul_(1 - loss * numbers(steps, &Camouflage::DarkPlace::strength, layers.device()));
}

void fade(const std::vector<double> &strengths, at::Tensor &layers, at::Tensor &rooms)
{
	for (at::Tensor colours : {colours_of(layers), rooms})
		colours.lerp_(colours.mean(1, /*keepdim=*/true), numbers(strengths, layers.device()));
}

} // namespace

Camouflage::Camouflage(double pixel, Random &random)
{
	const double strength = random.between(0.3, 1);
	// Nobody has the very texture of the room: what has it is a reflection, or the room itself, a pixel beside the plate.
	switch (random.pick({0.6, 0.1, 0.06, 0.09, 0.06, 0.05, 0.04})) {
	case 1:
		mean_colour = strength;
		break;
	case 2: {
		const double factor = random.between(0.06, 0.4);
		dark = {factor, factor * random.between(0.7, 1.5)};
		break;
	}
	case 3: {
		const double left_of_layer = random.between(0.1, 0.4);
		light = {left_of_layer, random.between(0.1, 0.5)};
		break;
	}
	case 4: {
		const double deviation = random.log_between(4, 40) * pixel;
		behind = {deviation, Patches(random), strength};
		break;
	}
	case 5: {
		const Patches where(random);
		dark_place = {where, random.between(0.05, 0.4), strength};
		break;
	}
	case 6:
		greyness = strength;
		break;
	default:
		break;
	}
}

void camouflage(at::Tensor &layers, at::Tensor &rooms, const std::vector<Camouflage> &plans)
{
	where_drawn(plans, &Camouflage::mean_colour, take_mean_colour, layers, std::as_const(rooms));
	where_drawn(plans, &Camouflage::dark, darken, layers, rooms);
	where_drawn(plans, &Camouflage::light, lighten, layers, rooms);
	where_drawn(plans, &Camouflage::behind, show_what_is_behind, layers, std::as_const(rooms));
	where_drawn(plans, &Camouflage::dark_place, darken_together, layers, rooms);
	where_drawn(plans, &Camouflage::greyness, fade, layers, rooms);
}

} // namespace matting::training
