// SPDX-License-Identifier: GPL-2.0-or-later
// Noise of all scales at once, as photographs have it: around 0, deviation 1.
#pragma once

#include <vector>

namespace matting::training {

constexpr int noise_roughnesses = 3; ///< 0 (clouds) to 2 (plaster)
constexpr int noise_side = 512;      ///< of a tile that joins up at its borders
constexpr int noise_unit = 64;       ///< pixels of the tile for one unit of `noise_at`: the coarsest scale

/// Rows. Thread-safety: safe.
const std::vector<float> &noise_tile(int roughness);

/// One unit is the coarsest scale; the pattern repeats after eight. Thread-safety: safe.
float noise_at(int roughness, float x, float y);

} // namespace matting::training
