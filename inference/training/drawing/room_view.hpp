// SPDX-License-Identifier: GPL-2.0-or-later
// Parts of rooms, each of a look of its own.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "scene.hpp"

namespace matting::training {

struct RoomPlan {
	RoomPlan(std::shared_ptr<const Bitmap> room, const View &view, Random &random);

	/// Textures of drawings are smoother than those of photographs: grass, pebbles, leaves. A plate that is a pixel off
	/// differs most there.
	struct Detail {
		double strength;
		Noise noise;
		std::optional<Patches> where; ///< everywhere, without it
	};
	/// Tiles, mesh, woven stuff: at a quarter of the size they beat with the grid of pixels, and half a pixel beside it
	/// otherwise. Most where the period is twice that of the pixels that are kept, which the coarse network's pictures have
	/// at 4. Waves in one direction, two or three: stripes, squares or hexagons.
	struct Tiles {
		std::vector<Point> waves; ///< radians a pixel
		double slant;             ///< walls are seen at one, so that the period changes; to the right, a pixel
		double strength, sharpness, level;
		Patches where;
	};

	std::shared_ptr<const Bitmap> room;
	Sight sight;
	std::optional<double> blur; // deviation
	std::optional<Detail> detail;
	std::optional<Tiles> tiles;
	std::optional<double> exposure; // what the mean is to be
	std::optional<Factors> colour;
	std::optional<double> whiteness; // what is left of the distance to white: walls, or too much light
};

/// (B, 3, height, width)
at::Tensor draw_room_views(const std::vector<RoomPlan> &plans, int64_t height, int64_t width);

} // namespace matting::training
