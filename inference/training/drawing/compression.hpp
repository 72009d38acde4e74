// SPDX-License-Identifier: GPL-2.0-or-later
// What JPEG and MJPEG leave of a picture.
#pragma once

#include "image.hpp"

namespace matting::training {

/// `quality`: 0 to 100, as libjpeg counts it; 100: only the colours suffer. `halves_chroma`: 4:2:0.
void compress(Image &image, double quality, bool halves_chroma);

} // namespace matting::training
