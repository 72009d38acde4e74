// SPDX-License-Identifier: GPL-2.0-or-later
// What a camera makes of a scene: twice, once with and once without the person, and never quite the same.
#pragma once

#include "image.hpp"

namespace matting::training {

/// `pixel`: of a frame of 1080 lines, in pixels of the image. Both in place: `source` as it is now, `plate` as it was when the background was captured. Ends at 0..1, in 255 steps.
void photograph(Image &source, Image &plate, double pixel, Random &random);

} // namespace matting::training
