// SPDX-License-Identifier: GPL-2.0-or-later
#include "bitmap.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "steps.hpp"

namespace matting::training {
namespace {

constexpr int bilinear = 0, zeros = 0, reflection = 2; // as grid_sampler_2d numbers them

/// What `grid_sampler_2d` reads: a part of a level, of which -1 is the one border and 1 the other.
struct Window {
	int level;
	int64_t left, top, width, height; // in pixels of the level
};

int level_of(const Affine &placement)
{
	const double scale = std::sqrt(std::abs(placement.xx * placement.yy - placement.xy * placement.yx));
	return scale > 0.6 ? 0 : scale > 0.3 ? 1 : 2;
}

struct Range {
	double low, high;

	bool is_within(int64_t size) const { return low >= 0 && high <= static_cast<double>(size); }
	Range within(int64_t size) const
	{
		const auto end = static_cast<double>(size);
		return {std::clamp(low, 0., end), std::clamp(high, 0., end)};
	}
};

// Only what is seen becomes floats: bitmaps are larger than most views of them.
Window window_of(const Sight &sight, Outside outside, int64_t height, int64_t width)
{
	const int number = level_of(sight.placement);
	const at::Tensor &level = sight.bitmap->level(number);
	const Affine back = sight.placement.inverse();
	const auto w = static_cast<double>(width), h = static_cast<double>(height);
	const Point corners[]{back({0, 0}), back({w, 0}), back({0, h}), back({w, h})};
	const auto range = [&](double Point::*axis, double aside) {
		const auto [low, high] =
			std::minmax({corners[0].*axis, corners[1].*axis, corners[2].*axis, corners[3].*axis});
		const double shrink = 1.0 / (1 << number), margin = 2;
		return Range{std::floor((low - aside) * shrink - margin), std::ceil((high + aside) * shrink + margin)};
	};
	Range x = range(&Point::x, sight.sway ? sight.sway->x.height : 0),
	      y = range(&Point::y, sight.sway ? sight.sway->y.height : 0);
	if (outside == Outside::mirrored && !(x.is_within(level.size(2)) && y.is_within(level.size(1))))
		return {number, 0, 0, level.size(2), level.size(1)};
	x = x.within(level.size(2));
	y = y.within(level.size(1));
	return {number, static_cast<int64_t>(x.low), static_cast<int64_t>(y.low), static_cast<int64_t>(x.high - x.low),
		static_cast<int64_t>(y.high - y.low)};
}

// xx * x + xy * y + x0 of the middles of pixels: (B, H, W).
template<typename Member>
at::Tensor linear(const std::vector<Affine> &affines, Member xx, Member xy, Member x0, int64_t height, int64_t width,
		  at::Device device)
{
	const auto number = [&](Member member) {
		return numbers(affines, member, device).view({-1, 1, 1});
	};
	const auto middles = [&](int64_t size) {
		return at::arange(size, device).to(at::kFloat).add_(0.5);
	};
	const at::Tensor by_column = middles(width) * number(xx) + number(x0);
	return by_column + middles(height).view({-1, 1}) * number(xy);
}

// Where each pixel of a view is in what is seen, in pixels of that.
struct Places {
	at::Tensor u, v; // (B, H, W)

	Places(const std::vector<Affine> &back, int64_t height, int64_t width, at::Device device)
		: u(linear(back, &Affine::xx, &Affine::xy, &Affine::x0, height, width, device)),
		  v(linear(back, &Affine::yx, &Affine::yy, &Affine::y0, height, width, device))
	{
	}
};

// `along`: where the wave is looked up, of so many pixels in all.
at::Tensor displacement(const std::vector<Sight> &sights, Sway::Wave Sway::*wave, const at::Tensor &along,
			int64_t (Bitmap::*size)() const)
{
	const auto number = [&](auto of) {
		return numbers(
			       sights,
			       [&](const Sight &sight) { return sight.sway ? of(sight, (*sight.sway).*wave) : 0.; },
			       along.device())
			.view({-1, 1, 1});
	};
	const auto whole = [&](const Sight &sight) {
		return static_cast<double>((sight.bitmap->*size)());
	};
	const at::Tensor last = numbers(
					sights, [&](const Sight &sight) { return whole(sight) - 1; }, along.device())
					.view({-1, 1, 1});
	return at::minimum(along.clamp_min(0), last)
		.floor_()
		.mul_(number([&](const Sight &sight, const Sway::Wave &own) {
			return 2 * std::numbers::pi * own.waves / whole(sight);
		}))
		.add_(number([](const Sight &, const Sway::Wave &own) { return own.phase; }))
		.sin_()
		.mul_(number([](const Sight &, const Sway::Wave &own) { return own.height; }));
}

// The grid of `grid_sampler_2d` for places in full-size pixels.
void fill(const at::Tensor &grid, int64_t axis, const at::Tensor &places, const at::Tensor &scale,
	  const at::Tensor &shift)
{
	at::Tensor plane = grid.select(3, axis);
	at::addcmul_out(plane, shift.view({-1, 1, 1}), places, scale.view({-1, 1, 1}));
}

at::Tensor grid_of(const std::vector<Sight> &sights, const std::vector<Window> &windows, int64_t height, int64_t width,
		   at::Device device)
{
	const std::vector<Affine> back = each(sights, [](const Sight &sight) { return sight.placement.inverse(); });
	Places places(back, height, width, device);
	auto &[u, v] = places;
	if (std::any_of(sights.begin(), sights.end(), [](const Sight &sight) { return sight.sway.has_value(); })) {
		const at::Tensor right = displacement(sights, &Sway::x, v, &Bitmap::height);
		v += displacement(sights, &Sway::y, u, &Bitmap::width);
		u += right;
	}
	const at::Tensor grid = at::empty({u.size(0), height, width, 2}, u.options());
	const auto of = [&](auto member) {
		return numbers(windows, member, device);
	};
	fill(grid, 0, u, of([](const Window &w) { return 2. / (1 << w.level) / static_cast<double>(w.width); }),
	     of([](const Window &w) { return -2. * static_cast<double>(w.left) / static_cast<double>(w.width) - 1; }));
	fill(grid, 1, v, of([](const Window &w) { return 2. / (1 << w.level) / static_cast<double>(w.height); }),
	     of([](const Window &w) { return -2. * static_cast<double>(w.top) / static_cast<double>(w.height) - 1; }));
	return grid;
}

} // namespace

Bitmap::Bitmap(const uint8_t *pixels, int width, int height, bool has_alpha, at::Device device)
{
	const at::Tensor bgra = at::from_blob(const_cast<uint8_t *>(pixels), {height, width, 4}, at::kByte);
	std::vector<at::Tensor> planes{bgra.select(2, 2), bgra.select(2, 1), bgra.select(2, 0)};
	if (has_alpha)
		planes.push_back(bgra.select(2, 3));
	at::Tensor level = at::stack(planes);
	levels_.push_back(level.to(device));
	for (int i = 1; i < 3; i++) {
		const int64_t rows = level.size(1) / 2, columns = level.size(2) / 2;
		const at::Tensor even = level.narrow(1, 0, 2 * rows).narrow(2, 0, 2 * columns).to(at::kInt);
		const at::Tensor sum = even.slice(1, 0, at::nullopt, 2) + even.slice(1, 1, at::nullopt, 2);
		level = (sum.slice(2, 0, at::nullopt, 2) + sum.slice(2, 1, at::nullopt, 2) + 2)
				.bitwise_right_shift(2)
				.to(at::kByte);
		levels_.push_back(level.to(device));
	}
}

at::Tensor look_at(const std::vector<Sight> &sights, Outside outside, int64_t height, int64_t width)
{
	const at::Tensor &any = sights.front().bitmap->level(0);
	const std::vector<Window> windows =
		each(sights, [&](const Sight &sight) { return window_of(sight, outside, height, width); });
	const at::Tensor grid = grid_of(sights, windows, height, width, any.device());
	std::vector<at::Tensor> views;
	for (size_t i = 0; i < sights.size(); i++) {
		const Window &window = windows[i];
		if (window.width <= 0 || window.height <= 0) {
			views.push_back(at::zeros({1, any.size(0), height, width}, grid.options()));
			continue;
		}
		const at::Tensor part = sights[i]
						.bitmap->level(window.level)
						.narrow(1, window.top, window.height)
						.narrow(2, window.left, window.width)
						.unsqueeze(0)
						.to(at::kFloat);
		views.push_back(at::grid_sampler_2d(part, grid.narrow(0, static_cast<int64_t>(i), 1), bilinear,
						    outside == Outside::mirrored ? reflection : zeros,
						    /*align_corners=*/false));
	}
	return (views.size() == 1 ? views.front() : at::cat(views)).div_(255);
}

at::Tensor transformed(const at::Tensor &pictures, const std::vector<Affine> &placements)
{
	const int64_t height = pictures.size(2), width = pictures.size(3);
	const std::vector<Affine> back = each(placements, [](const Affine &placement) { return placement.inverse(); });
	const auto [u, v] = Places(back, height, width, pictures.device());
	const at::Tensor grid = at::stack(
		{u.mul_(2. / static_cast<double>(width)).sub_(1), v.mul_(2. / static_cast<double>(height)).sub_(1)}, 3);
	return at::grid_sampler_2d(pictures, grid, bilinear, reflection, /*align_corners=*/false);
}

} // namespace matting::training
