// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_convolution.hpp"

#include "inference/parallel.hpp"

#include <algorithm>

namespace matting::cpu {
namespace {

constexpr int size = 3;            // of the window
constexpr int pixels_at_once = 16; // of a row: see depthwise_span

void compute_edge_pixel(const PackedDepthwise &layer, const MapView &in, int first_y, int first_x, float *out)
{
	DepthwisePixel pixel;
	pixel.layer = &layer.view;
	pixel.count = 0;
	pixel.out = out;
	for (int tap = 0; tap < size * size; tap++) {
		const int in_y = first_y + tap / size * layer.dilation;
		const int in_x = first_x + tap % size * layer.dilation;
		if (in_y < 0 || in_y >= in.height || in_x < 0 || in_x >= in.width)
			continue;
		pixel.inputs[pixel.count] = in.at(in_y, in_x);
		pixel.weights[pixel.count++] = layer.weights.data() + tap * layer.channels;
	}
	layer.kernels.depthwise_pixel(pixel);
}

void compute_row(const PackedDepthwise &layer, const MapView &in, const MapView &out, int y)
{
	const int first_y = y * layer.stride - layer.padding, reach = (size - 1) * layer.dilation;
	const auto edge = [&](int first, int last) {
		for (int x = first; x < last; x++)
			compute_edge_pixel(layer, in, first_y, x * layer.stride - layer.padding, out.at(y, x));
	};
	// Where all taps are inside.
	const bool is_inside = first_y >= 0 && first_y + reach < in.height;
	const int begin = std::min((layer.padding + layer.stride - 1) / layer.stride, out.width);
	const int last_fitting = in.width - 1 - reach + layer.padding; // times stride
	const int end =
		is_inside && last_fitting >= 0 ? std::clamp(last_fitting / layer.stride + 1, begin, out.width) : begin;
	edge(0, begin);
	for (int x = begin; x < end; x += pixels_at_once) {
		const int first_x = x * layer.stride - layer.padding;
		layer.kernels.depthwise_span(
			{.layer = &layer.view,
			 .rows = {in.at(first_y, first_x), in.at(first_y + layer.dilation, first_x),
				  in.at(first_y + 2 * layer.dilation, first_x)},
			 .tap_step = layer.dilation * in.pixel,
			 .pixel_step = layer.stride * in.pixel,
			 .count = std::min(pixels_at_once, end - x),
			 .out = out.at(y, x),
			 .out_step = out.pixel});
	}
	edge(end, out.width);
}

} // namespace

void convolve_depthwise(const PackedDepthwise &layer, MapView in, MapView out)
{
	parallel(out.height, [&](int64_t y, int) { compute_row(layer, in, out, static_cast<int>(y)); });
}

} // namespace matting::cpu
