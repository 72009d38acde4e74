// SPDX-License-Identifier: GPL-2.0-or-later
// Colours that say little, so that shape has to help: those of the person are those of the room.
#pragma once

#include "image.hpp"

namespace matting::training {

/// A person or a thing in the view: premultiplied colour, and alpha as the fourth plane.
using Layer = Image;

/// More than half of all layers stay as they are. The room can become as dark, as light or as grey as the layer.
void camouflage(Layer &layer, Image &room, double pixel, Random &random);

/// 0..1: patches with soft or hard borders.
Image patches(Random &random, int height, int width);
/// The first three planes.
void darken(Image &image, double factor);

} // namespace matting::training
