// SPDX-License-Identifier: GPL-2.0-or-later
// Between RGBA8 pictures and planar tensors. Colours stay sRGB-encoded: the network was trained on such pictures.
//
// Note [The room is in no result]
// The network predicts the foreground as what it adds to the picture, and it learns nothing of that where there is none: there
// the colour is the room's, readable, under an alpha of 0. Whatever drops alpha would show it: players, thumbnails, a mistake
// in blending. So every result has the colour 0 where its alpha is 0. It also takes less room in files.
#pragma once

#include "executor.hpp"

namespace matting {

/// (1, 3, H, W) fp32, not initialised, H and W the next multiples of 4: what the network takes.
at::Tensor empty_planes(int width, int height);

/// Writes the picture's RGB, scaled to 0..1, into `planes`: (1, 3, H, W) fp32, contiguous, H and W at least the
/// picture's. What lies beyond its right and lower edge repeats the edge.
void unpack(const Picture &picture, at::Tensor &planes);

/// Writes the upper left part of alpha (1, 1, H, W) and foreground (1, 3, H, W), fp32 in 0..1, into `result`: straight
/// RGBA8, rounded; alpha is multiplied by `source`'s own, and where it is 0 there is no colour. `result` may be `source`.
void pack_result(const at::Tensor &alpha, const at::Tensor &foreground, const Picture &source, const Picture &result);

/// One of the views, of which only `result` has alpha.
void pack(const MatteTensors &matte, View view, const Picture &source, const Picture &result);

/// Writes the upper left part of one (grey) or three planes (1, C, H, W), fp32 in 0..1, as an opaque picture.
void pack_opaque(const at::Tensor &planes, const Picture &result);

/// As opaque RGBA8 of that size, rows of 4 * width bytes; smaller ones without aliasing.
std::vector<uint8_t> scale(const Picture &picture, int width, int height);

/// Whether the picture has that shape, but for the rounding of one of the two to whole pixels.
bool same_aspect(const Picture &picture, int width, int height);

} // namespace matting
