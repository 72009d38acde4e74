// SPDX-License-Identifier: GPL-2.0-or-later
// Weights and pictures that a formula gives bit for bit: see tests/golden/README.md.
#pragma once

#include "inference/model/network.hpp"

namespace matting {

/// u(key, 0), u(key, 1), ... in the tensor's order, each in [0, 1).
at::Tensor formula_uniform(const std::string &key, at::IntArrayRef shape);

/// All weights of the network.
StateDict formula_weights(Backbone backbone);

/// `key` is src or bgr: (1, 3, height, width) in 0.25..0.75, constant over 8x8 blocks.
at::Tensor formula_picture(const std::string &key, int64_t height, int64_t width);

} // namespace matting
