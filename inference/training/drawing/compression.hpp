// SPDX-License-Identifier: GPL-2.0-or-later
// What JPEG and MJPEG cameras do to a picture.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace matting::training {

struct Compression {
	double quality;     ///< as JPEG's, but 100 leaves everything
	bool halves_chroma; ///< cameras and codecs keep a quarter of the colours
};

/// In place: (B, 3, H, W).
void compress(const std::vector<Compression> &steps, at::Tensor &pictures);

} // namespace matting::training
