// SPDX-License-Identifier: GPL-2.0-or-later
// What a camera makes of a scene: twice, once with and once without the person, and never quite the same.
#pragma once

#include "scene.hpp"

namespace matting::training {

/// `pixel`: of a frame of 1080 lines, in pixels of the image. In place: `source`, which shows the scene as it is now, and the
/// empty room, as it was when the background was captured; both end at 0..1, in 255 steps. What is out of focus in `source` is
/// so in the scene's foreground and alpha, too.
void photograph(Scene &scene, Image &source, double pixel, Random &random);

} // namespace matting::training
