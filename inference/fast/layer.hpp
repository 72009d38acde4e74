// SPDX-License-Identifier: GPL-2.0-or-later
// A convolution as the fast executor has it: its batch norm folded in, its activation a clamp.
#pragma once

#include "map.hpp"

#include "inference/model/network.hpp"

#include <string>

namespace matting {

enum class Activation {
	none,
	relu,
	relu6,
	coarse_result, ///< alpha and error to 0..1, the foreground's difference free, hidden from 0
};

/// Which convolution of the published network, and what is around it.
struct LayerSpec {
	std::string convolution; ///< name of the convolution's module
	std::string batch_norm;  ///< and of its batch norm's; empty: none
	Activation activation = Activation::none;
	int stride = 1, padding = 0, dilation = 1;
	int first_input = 0, inputs = -1;   ///< only these input channels; without the bias, unless they begin at 0
	int first_output = 0, outputs = -1; ///< only these output channels; the activation is theirs
};

/// out = clamp(convolution(in) + bias, low, high). fp32, on the CPU.
struct LayerWeights {
	at::Tensor weight;    ///< (out, in, k, k); depthwise: (out, 1, k, k)
	at::Tensor bias;      ///< (out)
	at::Tensor low, high; ///< (out)
	int stride = 1, padding = 0, dilation = 1;
	std::string name; ///< for users

	int out() const { return static_cast<int>(weight.size(0)); }
	int in() const { return static_cast<int>(weight.size(1)); }
	int kernel() const { return static_cast<int>(weight.size(2)); }
};

/// Takes a layer out of the weights. A batch norm (Ioffe & Szegedy 2015, evaluation mode, epsilon 1e-5) goes into the
/// convolution: w' = w * s, b' = (b - mean) * s + beta with s = gamma / sqrt(variance + epsilon).
LayerWeights fold(const StateDict &weights, const LayerSpec &spec);

} // namespace matting
