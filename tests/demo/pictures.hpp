// SPDX-License-Identifier: GPL-2.0-or-later
// What is drawn for the demo. All pictures are width x height.
#pragma once

#include "inference/training/drawing/canvas.hpp"
#include "inference/training/drawing/random.hpp"

namespace matting::demo {

using namespace training;

inline constexpr int width = 1280, height = 720;

/// The room as the camera's lens sees it: out of focus.
void draw_room(Canvas &canvas);

/// The streamer, with a transparent background. `phase`: 0 to 1, one turn of a motion that repeats.
void draw_person(const Canvas &canvas, double phase);

/// Where the streamer would rather be: a coast at dusk.
void draw_backdrop(const Canvas &canvas);

} // namespace matting::demo
