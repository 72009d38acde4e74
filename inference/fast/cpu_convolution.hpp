// SPDX-License-Identifier: GPL-2.0-or-later
// Convolutions on the CPU, channels last.
#pragma once

#include "cpu_kernels.hpp"
#include "device.hpp"

#include <array>
#include <new>
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

constexpr int round_up(int value, int step)
{
	return (value + step - 1) / step * step;
}

/// What a pixel of a map has room for.
constexpr int padded_channels(int channels)
{
	return round_up(channels, octet);
}

/// Begins with a line of the cache, so that no vector lies in two.
template<typename Number> struct LineAllocator {
	using value_type = Number;
	static constexpr std::align_val_t line{64};

	Number *allocate(size_t count) { return static_cast<Number *>(::operator new(count * sizeof(Number), line)); }
	void deallocate(Number *memory, size_t) { ::operator delete(memory, line); }
	bool operator==(const LineAllocator &) const = default;
};
using Floats = std::vector<float, LineAllocator<float>>;

/// The values, and zeros up to whole vectors.
Floats padded(const at::Tensor &values, int lanes);

/// Output channels in panels of `vectors` vectors; what is beyond the last channel weighs nothing.
struct Panel {
	int first; ///< channel
	int vectors;
	bool ends_in_octet; ///< its last vector reaches beyond what a map has room for
};
std::vector<Panel> split_into_panels(int channels, int lanes);

/// A matrix (rows, output channels) as tiles read it: [panel][row][lanes * vectors].
class PackedWeights {
public:
	PackedWeights(const at::Tensor &matrix, int lanes);

	std::vector<Panel> panels;
	const float *row(size_t panel, int64_t row) const
	{
		return weights_.data() + offsets_[panel] + row * lanes_ * panels[panel].vectors;
	}

private:
	int lanes_;
	Floats weights_;
	std::vector<size_t> offsets_;
};

/// What adds nothing and bounds nothing, for a panel whose sums are not yet all there.
struct Nothing {
	alignas(64) float zeros[max_lanes * max_vectors], low[max_lanes * max_vectors], high[max_lanes * max_vectors];
};
extern const Nothing nothing;

/// Pixels of a row in tiles of at most `most`: as many in each as can be.
constexpr int even_step(int count, int most)
{
	const int tiles = (count + most - 1) / most;
	return (count + tiles - 1) / tiles;
}

class PackedLayer : public Layer {
public:
	PackedLayer(const LayerWeights &weights, const Kernels &kernels);
	double multiplications(int height, int width) const override;

	const Kernels &kernels;
	const int in; ///< channels
	/// See Note [Fewer multiplications]: whether it can be done, and whether the weights are made ready for it.
	const bool is_transformable, is_transformed;
	const PackedWeights packed; ///< row: tap * in + channel; transformed: position * in + channel
	const Floats bias, low, high;
	const Floats outside; ///< a pixel beyond the edge: zeros
};

class PackedDepthwise : public Layer {
public:
	PackedDepthwise(const LayerWeights &weights, const Kernels &kernels);
	PackedDepthwise(const PackedDepthwise &) = delete;
	PackedDepthwise &operator=(const PackedDepthwise &) = delete;

	const Kernels &kernels;
	const Floats weights, bias, low, high;
	const DepthwiseWeights view{weights.data(), bias.data(), low.data(), high.data(), channels};
};

/// Memory that a thread works in; kept from layer to layer and from frame to frame.
class Scratch {
public:
	/// Before threads begin.
	void reserve(int threads, size_t floats)
	{
		memory_.resize(std::max<size_t>(memory_.size(), threads));
		for (Floats &memory : memory_)
			if (memory.size() < floats)
				memory.resize(floats);
	}
	float *of(int thread) { return memory_[thread].data(); }
	/// For all threads.
	float *shared(size_t floats)
	{
		if (shared_.size() < floats)
			shared_.resize(floats);
		return shared_.data();
	}

private:
	std::vector<Floats> memory_; // by thread
	Floats shared_;
};

/// `out` has room for padded_channels of the layer at each pixel.
void convolve(const PackedLayer &layer, const MapView &in, const MapView &out, const MapView *add, Scratch &scratch);
void convolve_depthwise(const PackedDepthwise &layer, MapView in, MapView out);

bool is_transformable(const LayerWeights &layer);
/// For an output of this size, if the weights are not transformed yet.
bool pays_to_transform(const PackedLayer &layer, int height, int width);

/// A tile of a transformed convolution: its first output pixel.
struct TilePlace {
	int y, x;
};
std::vector<TilePlace> all_tiles(int height, int width, int dilation);

/// The two ways of `convolve`. Of transformable layers the first channels may be those of a smaller map, upsampled to the
/// size of `in`; null: there is none.
void convolve_directly(const PackedLayer &layer, MapView in, MapView out, const MapView *add, Scratch &scratch);
void convolve_transformed(const PackedLayer &layer, const std::vector<TilePlace> &tiles, const MapView *upsampled,
			  const MapView &in, const MapView &out, const MapView *add, Scratch &scratch);

/// A 3x3 window's weights, position by position.
std::array<float, winograd::positions> transformed(const float *weights);

} // namespace matting::cpu
