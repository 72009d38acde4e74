// SPDX-License-Identifier: GPL-2.0-or-later
#include "layer.hpp"

#include <limits>

namespace matting {
namespace {

constexpr float unbounded = std::numeric_limits<float>::infinity();

void set_bounds(LayerWeights &layer, Activation activation)
{
	layer.low = at::full({layer.out()}, activation == Activation::none ? -unbounded : 0.0f);
	layer.high = at::full({layer.out()}, activation == Activation::relu6 ? 6.0f : unbounded);
	if (activation != Activation::coarse_result)
		return;
	layer.high[coarse::alpha] = 1;
	layer.high[coarse::error] = 1;
	layer.low.slice(0, coarse::foreground, coarse::error).fill_(-unbounded);
}

} // namespace

LayerWeights fold(const StateDict &weights, const LayerSpec &spec)
{
	const auto get = [&](const std::string &name) {
		return weights.at(name).to(at::kDouble);
	};
	at::Tensor weight = get(spec.convolution + ".weight");
	at::Tensor bias = weights.contains(spec.convolution + ".bias") ? get(spec.convolution + ".bias")
								       : at::zeros({weight.size(0)}, at::kDouble);
	if (!spec.batch_norm.empty()) {
		const auto norm = [&](const char *name) {
			return get(spec.batch_norm + "." + name);
		};
		const at::Tensor scale = norm("weight") / (norm("running_var") + 1e-5).sqrt();
		bias = (bias - norm("running_mean")) * scale + norm("bias");
		weight = weight * scale.view({-1, 1, 1, 1});
	}
	if (spec.inputs >= 0)
		weight = weight.narrow(1, spec.first_input, spec.inputs);
	if (spec.first_input > 0)
		bias = at::zeros_like(bias);
	if (spec.outputs >= 0) {
		weight = weight.narrow(0, spec.first_output, spec.outputs);
		bias = bias.narrow(0, spec.first_output, spec.outputs);
	}
	LayerWeights layer;
	layer.weight = weight.to(at::kFloat).contiguous();
	layer.bias = bias.to(at::kFloat).contiguous();
	layer.stride = spec.stride;
	layer.padding = spec.padding;
	layer.dilation = spec.dilation;
	layer.name = spec.convolution;
	set_bounds(layer, spec.activation);
	return layer;
}

} // namespace matting
