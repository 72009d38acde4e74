// SPDX-License-Identifier: GPL-2.0-or-later
// What JPEG and MJPEG cameras do to a picture.
#pragma once

#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

namespace matting::training {

struct Compression {
	struct HalfChroma {}; ///< cameras and codecs keep a quarter of the colours

	std::optional<double> quality; ///< as JPEG's; without it all is left
	std::optional<HalfChroma> half_chroma;
};

/// In place: (B, 3, H, W).
void compress(const std::vector<Compression> &steps, at::Tensor &pictures);

} // namespace matting::training
