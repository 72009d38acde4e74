// SPDX-License-Identifier: GPL-2.0-or-later
// What a camera makes of a scene: twice, once with and once without the person, and never quite the same.
#pragma once

#include <optional>
#include <vector>

#include "compression.hpp"
#include "scene.hpp"

namespace matting::training {

/// What the sensor adds to a picture.
struct Grain {
	std::vector<int64_t> rows; ///< of normal numbers, where each begins
	double deviation;          ///< of a blur, pixels; 0: none
	double colour, grey;       ///< strengths
	double in_the_dark;        ///< share of the strength; all of it is in the light
};

struct CameraPlan {
	struct Drift { ///< another light, another exposure and white balance
		Factors factors;
		double offset;
		std::optional<double> gamma, saturation;
	};
	struct Sharpening {
		double strength, radius;
	};

	CameraPlan(const View &view, Random &random);

	std::optional<Affine> displacement;     // of the plate: bumped, or the tripod has sunk
	std::optional<Drift> drift;             // of the plate
	std::optional<double> blur, plate_blur; // deviations: out of focus
	std::optional<Grain> grain, plate_grain;
	std::optional<Sharpening> sharpening; // of both
	std::optional<Compression> compression, plate_compression;
};

/// In place: `source`, which shows the scenes as they are now, and the empty rooms, as they were when the background was
/// captured; both end at 0..1, in 255 steps. What is out of focus in `source` is so in the foreground and alpha, too.
void photograph(Scenes &scenes, at::Tensor &source, const std::vector<CameraPlan> &plans);

} // namespace matting::training
