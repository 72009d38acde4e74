// SPDX-License-Identifier: GPL-2.0-or-later
// What stands and hangs in rooms.
#pragma once

#include "material.hpp"

namespace matting::training {

/// One thing, anywhere on the canvas.
void draw_thing(const Canvas &canvas, Random &random);

Light flat_light(Random &random, double size);
Material any_wall(Random &random, double size);
Material any_cloth(Random &random, double size);

} // namespace matting::training
