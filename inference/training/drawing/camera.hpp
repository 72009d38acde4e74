// SPDX-License-Identifier: GPL-2.0-or-later
// What a camera makes of a scene: twice, once with and once without the person, and never quite the same.
#pragma once

#include <optional>

#include "image.hpp"

namespace matting::training {

struct CameraSettings {
	double pixel;                ///< of a frame of 1080 lines, in pixels of the image
	std::optional<double> noise; ///< standard deviation of one frame, 0..1; none: drawn at random
	bool plate_is_given = false; ///< the plate has been through the camera already
};

/// Both in place: `source` as it is now, `plate` as it was when the background was captured. Ends at 0..1, in 255 steps.
void photograph(Image &source, Image &plate, const CameraSettings &settings, Random &random);

} // namespace matting::training
