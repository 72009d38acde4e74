// SPDX-License-Identifier: GPL-2.0-or-later
// What is drawn for edges to learn from, beside the frames that the generator draws.
#pragma once

#include "inference/bitmap.hpp"

#include <random>
#include <vector>

namespace matting::training {

using EdgeRandom = std::mt19937_64;

/// A frame and its matte; the true alpha.
struct EdgeScene {
	Bitmap source, plate, matte;
	std::vector<float> alpha;
};

double draw_between(double low, double high, EdgeRandom &random);

/// Of the colours; `deviation` of 255.
void add_noise(Bitmap &bitmap, double deviation, EdgeRandom &random);

/// A disc with strands before a wall with stripes, and a matte that fades over them.
EdgeScene draw_strands(EdgeRandom &random);

/// Puts a plant into the frame, before what is there: leaves and stems, with gaps of all sizes that show the room.
void draw_plant(EdgeScene &scene, EdgeRandom &random);

/// Puts something solid there, parts of which have nearly the room's colours.
void draw_cloth(EdgeScene &scene, EdgeRandom &random);

} // namespace matting::training
