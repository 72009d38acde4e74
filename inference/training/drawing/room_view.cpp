// SPDX-License-Identifier: GPL-2.0-or-later
#include "room_view.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace matting::training {
namespace {

Affine place_room(const Bitmap &room, const View &view, Random &random)
{
	const auto room_width = static_cast<double>(room.width()), room_height = static_cast<double>(room.height());
	const double scale = std::max(view.frame_height / room_height * std::exp(random.between(-0.25, 0.6)),
				      0.75 * std::max(view.height / room_height, view.width / room_width));
	const double angle = random.between(-0.09, 0.09), mirror = random.sign();
	const double free_x = std::max(0.0, (room_width * scale - view.width) / 2);
	const double free_y = std::max(0.0, (room_height * scale - view.height) / 2);
	Point to{view.width / 2.0, view.height / 2.0};
	to.x += free_x * random.between(-1, 1);
	to.y += free_y * random.between(-1, 1);
	return Affine::about({room_width / 2, room_height / 2}, to, angle, mirror * scale, scale);
}

RoomPlan::Detail random_detail(double pixel, Random &random)
{
	const double strength = random.log_between(0.03, 0.7), scale = 1 / (pixel * random.log_between(20, 400));
	const double x0 = random.between(0, 8), y0 = random.between(0, 8);
	const int roughness = random.integer(1, 2);
	RoomPlan::Detail detail{strength, {roughness, x0, y0, scale, scale}, {}};
	if (random.chance(0.6))
		detail.where.emplace(random);
	return detail;
}

RoomPlan::Tiles random_tiles(const View &view, Random &random)
{
	const double period =
		random.chance(0.5) ? random.log_between(3, 7) : std::max(3.0, view.pixel() * random.log_between(6, 40));
	const double slant = random.chance(0.6) ? random.between(-0.35, 0.35) / view.width : 0;
	const int directions = random.integer(1, 3);
	const double angle = random.chance(0.5) ? 0.05 * random.normal() : random.between(0, std::numbers::pi);
	std::vector<Point> waves;
	for (int i = 0; i < directions; i++)
		waves.push_back(
			polar({0, 0}, angle + std::numbers::pi * i / directions, 2 * std::numbers::pi / period));
	const double strength = random.log_between(0.05, 0.9), sharpness = random.log_between(0.5, 4);
	const double level = random.between(-0.5, 0.5);
	return {std::move(waves), slant, strength, sharpness, level, Patches(random)};
}

void add_detail(const std::vector<RoomPlan::Detail> &steps, at::Tensor &rooms)
{
	const Extent extent = Extent::of(rooms);
	at::Tensor change = noise(each(steps, &RoomPlan::Detail::noise), extent)
				    .mul_(numbers(steps, &RoomPlan::Detail::strength, extent.device));
	where_drawn(
		steps, &RoomPlan::Detail::where,
		[&](const std::vector<Patches> &where, at::Tensor &part) { part.mul_(patches(where, extent)); },
		change);
	rooms.mul_(change.add_(1).clamp_min_(0.05));
}

// -1..1
at::Tensor lattice(const std::vector<RoomPlan::Tiles> &steps, const Extent &extent)
{
	const auto number = [&](auto member) {
		return numbers(steps, member, extent.device);
	};
	const at::Tensor x = at::arange(extent.width, extent.device).to(at::kFloat),
			 y = at::arange(extent.height, extent.device).to(at::kFloat).view({-1, 1});
	const at::Tensor nearness = number(&RoomPlan::Tiles::slant) * x + 1;
	size_t most = 0;
	for (const RoomPlan::Tiles &tiles : steps)
		most = std::max(most, tiles.waves.size());
	at::Tensor sum;
	for (size_t i = 0; i < most; i++) {
		const auto along = [&](double Point::*axis) {
			return number(
				[=](const auto &tiles) { return i < tiles.waves.size() ? tiles.waves[i].*axis : 0; });
		};
		const at::Tensor share = number([=](const auto &tiles) {
			return i < tiles.waves.size() ? 1 / static_cast<double>(tiles.waves.size()) : 0;
		});
		const at::Tensor wave = (x * along(&Point::x) + y * along(&Point::y)).mul_(nearness).cos_().mul_(share);
		sum = i == 0 ? wave : sum.add_(wave);
	}
	return sum;
}

void add_tiles(const std::vector<RoomPlan::Tiles> &steps, at::Tensor &rooms)
{
	const Extent extent = Extent::of(rooms);
	const auto number = [&](auto member) {
		return numbers(steps, member, extent.device);
	};
	const at::Tensor dark = lattice(steps, extent)
					.sub_(number(&RoomPlan::Tiles::level))
					.mul_(number(&RoomPlan::Tiles::sharpness))
					.add_(0.5)
					.clamp_(0, 1);
	const at::Tensor where = patches(each(steps, &RoomPlan::Tiles::where), extent);
	rooms.mul_(1 - dark.mul_(where).mul_(number(&RoomPlan::Tiles::strength)));
}

// As a camera does: until the mean is right.
void expose(const std::vector<double> &levels, at::Tensor &rooms)
{
	const at::Tensor mean = rooms.mean({1, 2, 3}, /*keepdim=*/true);
	rooms.mul_((numbers(levels, rooms.device()) / (mean + 1e-3)).clamp_(0.5, 4)).clamp_max_(1);
}

void tint(const std::vector<Factors> &colours, at::Tensor &rooms)
{
	rooms.mul_(factors(
		colours, [](const Factors &own) -> const Factors & { return own; }, rooms.device()));
}

void whiten(const std::vector<double> &left, at::Tensor &rooms)
{
	const at::Tensor share = numbers(left, rooms.device());
	rooms.clamp_max_(1).mul_(share).add_(1 - share);
}

} // namespace

RoomPlan::RoomPlan(std::shared_ptr<const Bitmap> room_, const View &view, Random &random)
	: room(std::move(room_)), sight{room.get(), place_room(*room, view, random), {}}
{
	const double pixel = view.pixel();
	if (random.chance(0.4))
		blur = random.log_between(0.7, 14) * pixel;
	else if (random.chance(0.75))
		detail = random_detail(pixel, random);
	if (random.chance(0.4))
		tiles = random_tiles(view, random);
	if (random.chance(0.8))
		exposure = random.between(0.22, 0.6);
	if (random.chance(0.3)) {
		const double level = std::exp(random.between(-1, 0.2));
		colour.emplace();
		for (float &own : *colour)
			own = static_cast<float>(level * std::exp(0.08 * random.normal()));
	}
	if (random.chance(0.12)) // with nobody before them, too
		whiteness = random.between(0.1, 0.6);
}

at::Tensor draw_room_views(const std::vector<RoomPlan> &plans, int64_t height, int64_t width)
{
	at::Tensor rooms = look_at(each(plans, &RoomPlan::sight), Outside::mirrored, height, width);
	where_drawn(
		plans, &RoomPlan::blur,
		[](const std::vector<double> &deviations, at::Tensor &part) { part = blurred(part, deviations); },
		rooms);
	where_drawn(plans, &RoomPlan::detail, add_detail, rooms);
	where_drawn(plans, &RoomPlan::tiles, add_tiles, rooms);
	where_drawn(plans, &RoomPlan::exposure, expose, rooms);
	where_drawn(plans, &RoomPlan::colour, tint, rooms);
	where_drawn(plans, &RoomPlan::whiteness, whiten, rooms);
	return rooms;
}

} // namespace matting::training
