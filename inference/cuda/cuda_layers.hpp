// SPDX-License-Identifier: GPL-2.0-or-later
// Layers in a device's memory, ordered as the kernels read them.
#pragma once

#include "cuda_memory.hpp"
#include "kernels.hpp"

#include "inference/fast/device.hpp"

namespace matting::cuda {

/// Thread-safety: safe, once made. Number is half or float.
template<typename Number> struct ConvolutionLayer : Layer {
	explicit ConvolutionLayer(const LayerWeights &layer);
	ConvolutionWeights<Number> weights;
	std::shared_ptr<void> memory, bounds;
};

struct UpsampledLayer : ConvolutionLayer<half> {
	explicit UpsampledLayer(const LayerWeights &layer);
	std::shared_ptr<void> fragments;
};

template<typename Number> struct DepthwiseLayer : Layer {
	explicit DepthwiseLayer(const LayerWeights &layer);
	DepthwiseWeights<Number> weights;
	std::shared_ptr<void> memory, bounds;
};

template<typename Number> struct RefinerLayer : Layer {
	explicit RefinerLayer(const std::array<LayerWeights, 4> &layers);
	RefinerWeights<Number> weights;
	std::array<std::shared_ptr<void>, 4> memory, bounds;
};

} // namespace matting::cuda
