// SPDX-License-Identifier: GPL-2.0-or-later
// How good a network is while it learns, on pictures that it does not learn from.
#pragma once

#include "inference/training/drawing/generator.hpp"

#include <cstdint>
#include <functional>
#include <vector>

#include <torch/script.h>

namespace matting::training {

struct Validation {
	double error = 0; ///< mean absolute difference of alpha, times 1000
	/// (3, h, w) in 0..1: of the first frames a row of source, background, true alpha, alpha, and the person over green.
	at::Tensor sheet;
};

/// `network` in evaluation mode, at its attributes, on frames 0 to `count` - 1.
Validation validate(const torch::jit::Module &network, const std::function<Sample(int number)> &frame, int count);

/// (C, H, W), C 1 or 3, in 0..1 -> RGBA8, rounded, opaque: H * W * 4 bytes.
std::vector<uint8_t> to_pixels(const at::Tensor &planes);

} // namespace matting::training
