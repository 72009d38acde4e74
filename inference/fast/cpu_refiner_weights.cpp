// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_refiner.hpp"

namespace matting::cpu {
namespace {

// Each part is (rows, columns, inputs, outputs): what one output sees, in the order in which it lies in the rows.
PackedRefiner::Stage pack(const LayerWeights &layer, const std::vector<at::Tensor> &parts, int lanes)
{
	std::vector<at::Tensor> flat;
	for (const at::Tensor &part : parts)
		flat.push_back(part.reshape({-1, layer.out()}));
	return {PackedWeights(at::cat(flat).contiguous(), lanes), padded(layer.bias, lanes), padded(layer.low, lanes),
		padded(layer.high, lanes)};
}

// (out, in, 3, 3) -> (3, 3, in, out)
at::Tensor ordered(const at::Tensor &weight)
{
	return weight.permute({2, 3, 1, 0}).contiguous();
}

// The published order of conv1's inputs is hidden, alpha, foreground, source, background.
at::Tensor as_input_lies(const at::Tensor &weight)
{
	const at::Tensor zero = at::zeros({3, 3, 1, weight.size(3)});
	return at::cat({weight.slice(2, 32, 33), weight.slice(2, 33, 36), zero, weight.slice(2, 0, 32),
			weight.slice(2, 36, 42), zero},
		       2);
}

at::Tensor added_for_doubled(const at::Tensor &weight, int row_parity, int column_parity)
{
	const auto place = [](int tap, int parity) {
		return parity == 0 ? (tap == 0 ? 0 : 1) : (tap == 2 ? 1 : 0);
	};
	at::Tensor sums = at::zeros({2, 2, weight.size(2), weight.size(3)});
	for (int y = 0; y < 3; y++)
		for (int x = 0; x < 3; x++)
			sums[place(y, row_parity)][place(x, column_parity)] += weight[y][x];
	return sums;
}

} // namespace

PackedRefiner::PackedRefiner(const std::array<LayerWeights, 4> &layers, const Kernels &kernels)
	: Layer(layers[3]), kernels(kernels),
	  first(pack(layers[0], {as_input_lies(ordered(layers[0].weight))}, kernels.lanes)),
	  second(pack(layers[1], {ordered(layers[1].weight)}, kernels.lanes)),
	  fourth(pack(layers[3], {ordered(layers[3].weight)}, kernels.lanes))
{
	const at::Tensor weight = ordered(layers[2].weight);
	for (int y = 0; y < 2; y++)
		for (int x = 0; x < 2; x++)
			third[y].push_back(pack(
				layers[2], {added_for_doubled(weight.slice(2, 0, 16), y, x), weight.slice(2, 16, 22)},
				kernels.lanes));
}

} // namespace matting::cpu
