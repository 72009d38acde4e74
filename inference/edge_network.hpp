// SPDX-License-Identifier: GPL-2.0-or-later
// What has been learnt about edges: numbers for CPU and CUDA alike. See Note [The plate solves the edge].
#pragma once

namespace matting {

/// Two layers that are clamped at 0, and a sum. Weights lie input by input.
struct EdgeNetwork {
	static constexpr int features = 27, first = 32, second = 24;

	float first_weights[features * first], first_bias[first];
	float second_weights[first * second], second_bias[second];
	float last_weights[second], last_bias;
};

/// Learnt from drawn frames: see training/learn_edges.hpp.
inline constexpr EdgeNetwork edge_network{
#include "edge_weights.inc"
};

} // namespace matting
