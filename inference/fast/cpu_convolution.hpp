// SPDX-License-Identifier: GPL-2.0-or-later
// Convolutions on the CPU, channels last.
#pragma once

#include "cpu_tile.hpp"
#include "device.hpp"

#include <optional>

#include <vector>

namespace matting::cpu {

/// How a map lies in memory: pixel (y, x) begins at data + y * row + x * pixel.
struct MapView {
	float *data;
	int height, width, channels;
	std::ptrdiff_t row, pixel;

	explicit MapView(const Map &map)
		: data(map.as<float>()), height(map.height), width(map.width), channels(map.channels), row(map.row),
		  pixel(map.pixel)
	{
	}
	float *at(int y, int x) const { return data + y * row + x * pixel; }
};

constexpr int padded_channels(int channels)
{
	return (channels + lanes - 1) / lanes * lanes;
}

/// The values, and zeros up to padded_channels.
std::vector<float> padded(const at::Tensor &values);

/// Output channels of a layer in panels of `vectors` vectors; what is beyond the last channel weighs nothing.
struct Panel {
	int first; ///< channel
	int vectors;
};
std::vector<Panel> split_into_panels(int channels);

/// [panel][tap][in channel][lanes * vectors].
class PackedLayer : public Layer {
public:
	explicit PackedLayer(const LayerWeights &weights);

	const int in; ///< channels
	std::vector<Panel> panels;
	std::vector<float> bias, low, high; ///< padded_channels long

	const float *weights(size_t panel, int tap, int channel) const
	{
		return weights_.data() + offsets_[panel] + (size_t(tap) * in + channel) * lanes * panels[panel].vectors;
	}

private:
	std::vector<float> weights_;
	std::vector<size_t> offsets_;
};

/// [tap][channel], channels padded.
class PackedDepthwise : public Layer {
public:
	explicit PackedDepthwise(const LayerWeights &weights);

	std::vector<float> weights, bias, low, high;
};

/// `out` has room for padded_channels of the layer at each pixel.
void convolve(const PackedLayer &layer, MapView in, MapView out, const MapView *add);
void convolve_depthwise(const PackedDepthwise &layer, MapView in, MapView out);

} // namespace matting::cpu
