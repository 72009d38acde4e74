// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_convolution.hpp"
#include "cpu_parallel.hpp"
#include "cpu_vector.hpp"

#include <algorithm>

namespace matting::cpu {
namespace {

constexpr int size = 3; // of the window

struct Column {
	const float *inputs[size * size]; // of the taps inside the picture
	const float *weights[size * size];
	int count;
};

MATTING_VECTORISED void compute_pixel(const Column &column, const PackedDepthwise &layer, float *out)
{
	const float *bias = layer.bias.data(), *low = layer.low.data(), *high = layer.high.data();
	for (int c = 0; c < layer.channels; c += lanes) {
		Vector sum = load(bias + c);
		for (int tap = 0; tap < column.count; tap++)
			sum += load(column.inputs[tap] + c) * load(column.weights[tap] + c);
		store(out + c, clamp(sum, load(low + c), load(high + c)));
	}
}

// The same where no tap is outside, as nearly everywhere.
MATTING_VECTORISED void compute_inner_pixel(const float *const *rows, std::ptrdiff_t tap_step,
					    const PackedDepthwise &layer, float *out)
{
	const float *bias = layer.bias.data(), *low = layer.low.data(), *high = layer.high.data();
	const float *weights = layer.weights.data();
	const int channels = layer.channels;
	for (int c = 0; c < channels; c += lanes) {
		Vector sum = load(bias + c);
		for (int ky = 0; ky < size; ky++)
			for (int kx = 0; kx < size; kx++)
				sum += load(rows[ky] + kx * tap_step + c) *
				       load(weights + (ky * size + kx) * channels + c);
		store(out + c, clamp(sum, load(low + c), load(high + c)));
	}
}

void compute_row(const PackedDepthwise &layer, const MapView &in, const MapView &out, int y)
{
	const int first_y = y * layer.stride - layer.padding;
	const auto is_inside = [&](int first, int limit) {
		return first >= 0 && first + (size - 1) * layer.dilation < limit;
	};
	for (int x = 0; x < out.width; x++) {
		const int first_x = x * layer.stride - layer.padding;
		if (is_inside(first_y, in.height) && is_inside(first_x, in.width)) {
			const float *rows[size] = {in.at(first_y, first_x), in.at(first_y + layer.dilation, first_x),
						   in.at(first_y + 2 * layer.dilation, first_x)};
			compute_inner_pixel(rows, layer.dilation * in.pixel, layer, out.at(y, x));
			continue;
		}
		Column column;
		column.count = 0;
		for (int tap = 0; tap < size * size; tap++) {
			const int in_y = first_y + tap / size * layer.dilation;
			const int in_x = first_x + tap % size * layer.dilation;
			if (in_y < 0 || in_y >= in.height || in_x < 0 || in_x >= in.width)
				continue;
			column.inputs[column.count] = in.at(in_y, in_x);
			column.weights[column.count++] = layer.weights.data() + tap * layer.channels;
		}
		compute_pixel(column, layer, out.at(y, x));
	}
}

std::vector<float> copied(const at::Tensor &values)
{
	return {values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel()};
}

} // namespace

PackedDepthwise::PackedDepthwise(const LayerWeights &layer)
	: Layer(layer), weights(copied(layer.weight.view({layer.out(), -1}).t().contiguous())),
	  bias(copied(layer.bias)), low(copied(layer.low)), high(copied(layer.high))
{
	TORCH_CHECK(layer.kernel() == size && channels % lanes == 0, "no such depthwise convolution in the network");
}

void convolve_depthwise(const PackedDepthwise &layer, MapView in, MapView out)
{
	parallel(out.height, [&](int64_t y, int) { compute_row(layer, in, out, static_cast<int>(y)); });
}

} // namespace matting::cpu
