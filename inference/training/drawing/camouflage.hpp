// SPDX-License-Identifier: GPL-2.0-or-later
// Colours that say little, so that shape has to help: those of the person are those of the room.
#pragma once

#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "fields.hpp"

namespace matting::training {

/// More than half of all layers stay as they are. The room can become as dark, as light or as grey as the layer.
struct Camouflage {
	Camouflage() = default;
	/// `pixel`: of a frame of 1080 lines, in pixels of the view.
	Camouflage(double pixel, Random &random);

	struct Dark { // factors
		double layer, room;
	};
	struct Light { // what is left of the distance to white
		double layer, room;
	};
	struct Behind { // here and there the colour of what is just behind
		double deviation;
		Patches where;
		double strength;
	};
	struct DarkPlace { // something as dark behind a part of it
		Patches where;
		double factor, strength;
	};

	std::optional<double> mean_colour; // how much of the mean colour of the room behind the layer
	std::optional<Dark> dark;
	std::optional<Light> light;
	std::optional<Behind> behind;
	std::optional<DarkPlace> dark_place;
	std::optional<double> greyness; // of both
};

/// In place: layers of premultiplied RGBA, and the rooms behind them.
void camouflage(at::Tensor &layers, at::Tensor &rooms, const std::vector<Camouflage> &plans);

} // namespace matting::training
