// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_layers.hpp"

#include <type_traits>

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace matting::cuda {
namespace {

constexpr int step_depth = 32, row_step = 64, spare_rows = 48; // convolve reads whole steps and tiles

constexpr int padded(int size, int step)
{
	return (size + step - 1) / step * step;
}

// Infinities would make the matte to nothing, silently.
void require_half(const at::Tensor &weight, const std::string &name)
{
	const double most = weight.abs().max().item<double>();
	if (!(most <= 65504))
		throw Error(
			"engine.beyond_half",
			"the weights of {} reach {} and half precision ends at 65504: use the precision fp32, or the "
			"device cpu",
			name, fmt::format("{:.0f}", most));
}

template<typename Number> std::shared_ptr<void> upload(const at::Tensor &values)
{
	const at::Tensor ready = values.to(std::is_same_v<Number, half> ? at::kHalf : at::kFloat).contiguous();
	auto memory = allocate_scratch(ready.nbytes(), "the model's weights");
	check_cuda(cudaMemcpy(memory.get(), ready.const_data_ptr(), ready.nbytes(), cudaMemcpyHostToDevice),
		   "uploading the model");
	finish_default_stream("uploading the model");
	return memory;
}

at::Tensor with_zeros(const at::Tensor &values, int dimension, int64_t size)
{
	auto shape = values.sizes().vec();
	shape[dimension] = size - shape[dimension];
	return at::cat({values, at::zeros(shape)}, dimension);
}

/// bias, low and high, each `rows` long. fp16 ends at 65504: an infinity would make zeros beside it to NaN.
template<typename Number> std::shared_ptr<void> upload_bounds(const LayerWeights &layer, int rows)
{
	const double most = std::is_same_v<Number, half> ? 65504 : 3e38;
	return upload<float>(
		at::cat({with_zeros(layer.bias, 0, rows), with_zeros(layer.low.clamp(-most, most), 0, rows),
			 with_zeros(layer.high.clamp(-most, most), 0, rows)}));
}

template<typename Weights> void set_bounds(Weights &weights, const std::shared_ptr<void> &bounds, int rows)
{
	weights.bias = static_cast<const float *>(bounds.get());
	weights.low = weights.bias + rows;
	weights.high = weights.low + rows;
}

// (out, in, 3, 3) -> (3, 3, in, out)
at::Tensor ordered(const at::Tensor &weight)
{
	return weight.permute({2, 3, 1, 0}).contiguous();
}

struct RefinerShape {
	int in, out; // as they lie in a patch
};
constexpr std::array<RefinerShape, 4> refiner_shapes{{{48, 24}, {24, 16}, {24, 16}, {16, 8}}};

// (3, 3, in, out). The published order of conv1's inputs is hidden, alpha, foreground, source, background.
at::Tensor as_patch_lies(const LayerWeights &layer, int index)
{
	at::Tensor weight = ordered(layer.weight);
	if (index == 0) {
		const auto zeros = [&](int count) {
			return at::zeros({3, 3, count, weight.size(3)});
		};
		weight = at::cat({weight.slice(2, 32, 33), weight.slice(2, 33, 36), zeros(1), weight.slice(2, 0, 32),
				  zeros(3), weight.slice(2, 36, 42)},
				 2);
	}
	const auto [in, out] = refiner_shapes[index];
	return with_zeros(with_zeros(weight, 2, in), 3, out);
}

// In the order in which the lanes of a warp want the fragments `b` of tensor_core.cuh: [step][tile of 8
// columns][lane][4].
at::Tensor as_fragments(const at::Tensor &weight)
{
	const int64_t out = weight.size(3), depth = padded(static_cast<int>(weight.numel() / out), 16);
	const at::Tensor rows = with_zeros(weight.reshape({-1, out}), 0, depth);
	// [step][half][index][2][tile][group] -> [step][tile][group][index][half][2]
	return rows.reshape({depth / 16, 2, 4, 2, out / 8, 8}).permute({0, 4, 5, 2, 1, 3});
}

} // namespace

template<typename Number> ConvolutionLayer<Number>::ConvolutionLayer(const LayerWeights &layer) : Layer(layer)
{
	const int rows = padded(layer.out(), row_step) + spare_rows, octets = padded(layer.in(), 8) / 8;
	const at::Tensor taps =
		with_zeros(layer.weight.permute({0, 2, 3, 1}), 3, 8 * octets).reshape({layer.out(), -1});
	const int depth = padded(static_cast<int>(taps.size(1)), step_depth);
	if (std::is_same_v<Number, half>)
		require_half(layer.weight, layer.name);
	memory = upload<Number>(with_zeros(with_zeros(taps, 1, depth), 0, rows));
	bounds = upload_bounds<Number>(layer, rows);
	weights = {static_cast<const Number *>(memory.get()),
		   nullptr,
		   nullptr,
		   nullptr,
		   layer.out(),
		   layer.kernel(),
		   layer.stride,
		   layer.padding,
		   layer.dilation,
		   octets,
		   depth / step_depth,
		   rows};
	set_bounds(weights, bounds, rows);
}

UpsampledLayer::UpsampledLayer(const LayerWeights &layer) : ConvolutionLayer(layer)
{
	const int in = padded(layer.in(), 16), out = padded(layer.out(), 16 * fragment_pairs);
	// [outputs: pair, tile, group][inputs: pair, half, index, 2][tap]
	const at::Tensor rows = with_zeros(with_zeros(layer.weight, 1, in), 0, out);
	const at::Tensor parts = rows.reshape({out / 16, 2, 8, in / 16, 2, 4, 2, 9});
	fragments = upload<half>(parts.permute({3, 7, 0, 2, 5, 1, 4, 6}));
}

template<typename Number> DepthwiseLayer<Number>::DepthwiseLayer(const LayerWeights &layer) : Layer(layer)
{
	TORCH_CHECK(layer.kernel() == 3 && layer.out() % 8 == 0, "no such depthwise convolution in the network");
	memory = upload<float>(layer.weight.reshape({layer.out(), 9}).t());
	bounds = upload_bounds<Number>(layer, layer.out());
	weights = {static_cast<const float *>(memory.get()),
		   nullptr,
		   nullptr,
		   nullptr,
		   layer.stride,
		   layer.padding,
		   layer.dilation};
	set_bounds(weights, bounds, layer.out());
}

template<typename Number>
RefinerLayer<Number>::RefinerLayer(const std::array<LayerWeights, 4> &layers) : Layer(layers[3])
{
	for (int i = 0; i < 4; i++) {
		if (std::is_same_v<Number, half>)
			require_half(layers[i].weight, layers[i].name);
		const at::Tensor weight = as_patch_lies(layers[i], i);
		const int out = refiner_shapes[i].out;
		memory[i] = upload<Number>(std::is_same_v<Number, half> ? as_fragments(weight) : weight);
		bounds[i] = upload_bounds<Number>(layers[i], out);
		weights.weights[i] = static_cast<const Number *>(memory[i].get());
		weights.bias[i] = static_cast<const float *>(bounds[i].get());
		weights.low[i] = weights.bias[i] + out;
		weights.high[i] = weights.low[i] + out;
	}
}

template struct ConvolutionLayer<half>;
template struct ConvolutionLayer<float>;
template struct DepthwiseLayer<half>;
template struct DepthwiseLayer<float>;
template struct RefinerLayer<half>;
template struct RefinerLayer<float>;

} // namespace matting::cuda
