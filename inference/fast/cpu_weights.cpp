// SPDX-License-Identifier: GPL-2.0-or-later
// Weights as the kernels read them.
#include "cpu_convolution.hpp"

#include <algorithm>
#include <limits>

namespace matting::cpu {
namespace {

constexpr int window = 3; // of what is transformed, and of depthwise convolutions

// What is kept transformed, see Note [Fewer multiplications]: pairs of channels, and channels that come out.
constexpr int most_pairs = 128 << 10, most_out = 128;

bool is_kept_transformed(const LayerWeights &layer)
{
	return is_transformable(layer) && layer.dilation == 1 && layer.in() * layer.out() <= most_pairs &&
	       layer.out() <= most_out;
}

// (positions * in, out)
at::Tensor as_transformed_matrix(const LayerWeights &layer)
{
	const int64_t in = layer.in(), out = layer.out();
	at::Tensor matrix = at::empty({winograd::positions * in, out});
	const float *from = layer.weight.const_data_ptr<float>();
	float *to = matrix.mutable_data_ptr<float>();
	for (int64_t o = 0; o < out; o++)
		for (int64_t i = 0; i < in; i++, from += window * window) {
			const auto values = transformed(from);
			for (int64_t position = 0; position < winograd::positions; position++)
				to[(position * in + i) * out + o] = values[position];
		}
	return matrix;
}

// (taps * in, out)
at::Tensor as_matrix(const LayerWeights &layer)
{
	if (is_kept_transformed(layer))
		return as_transformed_matrix(layer);
	return layer.weight.permute({2, 3, 1, 0}).reshape({-1, layer.out()}).contiguous();
}

constexpr Nothing make_nothing()
{
	constexpr float infinity = std::numeric_limits<float>::infinity();
	Nothing nothing{};
	for (int i = 0; i < max_lanes * max_vectors; i++) {
		nothing.low[i] = -infinity;
		nothing.high[i] = infinity;
	}
	return nothing;
}

} // namespace

constinit const Nothing nothing = make_nothing();

Floats padded(const at::Tensor &values, int lanes)
{
	Floats result(round_up(static_cast<int>(values.numel()), lanes), 0.0f);
	std::copy_n(values.const_data_ptr<float>(), values.numel(), result.data());
	return result;
}

std::vector<Panel> split_into_panels(int channels, int lanes)
{
	std::vector<Panel> panels;
	for (int vectors = round_up(channels, lanes) / lanes, done = 0; vectors > 0;) {
		// Two tiles of two vectors beat one of three and one of one.
		const int size = vectors == 4 || vectors == 2 ? 2 : std::min(vectors, max_vectors);
		panels.push_back({done * lanes, size, (done + size) * lanes > padded_channels(channels)});
		done += size;
		vectors -= size;
	}
	return panels;
}

PackedWeights::PackedWeights(const at::Tensor &matrix, int lanes)
	: panels(split_into_panels(static_cast<int>(matrix.size(1)), lanes)), lanes_(lanes)
{
	const int rows = static_cast<int>(matrix.size(0)), out = static_cast<int>(matrix.size(1));
	weights_.resize(size_t(rows) * round_up(out, lanes), 0.0f);
	const float *from = matrix.const_data_ptr<float>();
	size_t offset = 0;
	for (const Panel &panel : panels) {
		offsets_.push_back(offset);
		const int width = lanes * panel.vectors;
		for (int row = 0; row < rows; row++)
			std::copy_n(from + size_t(row) * out + panel.first, std::min(width, out - panel.first),
				    weights_.data() + offset + size_t(row) * width);
		offset += size_t(rows) * width;
	}
}

PackedLayer::PackedLayer(const LayerWeights &weights, const Kernels &kernels)
	: Layer(weights), kernels(kernels), in(weights.in()), is_transformable(cpu::is_transformable(weights)),
	  is_transformed(is_kept_transformed(weights)), packed(as_matrix(weights), kernels.lanes),
	  bias(padded(weights.bias, kernels.lanes)), low(padded(weights.low, kernels.lanes)),
	  high(padded(weights.high, kernels.lanes)), outside(round_up(in, max_lanes), 0.0f)
{
}

PackedDepthwise::PackedDepthwise(const LayerWeights &layer, const Kernels &kernels)
	: Layer(layer), kernels(kernels),
	  weights(padded(layer.weight.view({layer.out(), -1}).t().contiguous(), kernels.lanes)),
	  bias(padded(layer.bias, kernels.lanes)), low(padded(layer.low, kernels.lanes)),
	  high(padded(layer.high, kernels.lanes))
{
	TORCH_CHECK(layer.kernel() == window && channels % octet == 0, "no such depthwise convolution in the network");
}

void convolve(const PackedLayer &layer, const MapView &in, const MapView &out, const MapView *add, Scratch &scratch)
{
	if (layer.is_transformed || pays_to_transform(layer, out.height, out.width))
		convolve_transformed(layer, all_tiles(out.height, out.width, layer.dilation), nullptr, in, out, add,
				     scratch);
	else
		convolve_directly(layer, in, out, add, scratch);
}

} // namespace matting::cpu
