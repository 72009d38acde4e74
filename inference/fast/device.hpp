// SPDX-License-Identifier: GPL-2.0-or-later
// What the fast executor asks of a device. The way of the data is written in terms of this (coarse_network.cpp, fast_executor.cpp);
// devices differ in the files that implement it.
#pragma once

#include "inference/matting.hpp"
#include "layer.hpp"

#include <memory>

namespace matting {

/// A feature map, channels last: (H, W, C), fp32, rows without gaps; pixels may be further apart than C, so that several
/// layers write side by side what others read as one.
using Map = at::Tensor;

/// A layer's weights as a device wants them. Immutable: shared by all engines of a model.
class Layer {
public:
	explicit Layer(const LayerWeights &layer)
		: channels(layer.out()), kernel(layer.kernel()), stride(layer.stride), padding(layer.padding),
		  dilation(layer.dilation), weight_count(layer.weight.numel())
	{
	}
	virtual ~Layer() = default;

	const int channels; ///< of the output
	const int kernel, stride, padding, dilation;
	const int64_t weight_count;

	/// Height or width of the output for an input's.
	int64_t output_size(int64_t size) const
	{
		return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
	}
};
using LayerPointer = std::shared_ptr<const Layer>;

/// Around a stored picture, in pixels, with zeros: the refiner looks 6 pixels beyond the edge.
inline constexpr int picture_margin = 8;

/// Where a frame goes: into an RGBA8 picture, or, for those who want to know exactly, into floats.
struct Output {
	Picture picture;
	at::Tensor exact;        ///< (H, W, 4) fp32: alpha, foreground; used if defined
	bool keeps_alpha = true; ///< alpha is multiplied by the source's own
};

/// Thread-safety: none; `prepare` may be called from anywhere.
class FastDevice {
public:
	virtual ~FastDevice() = default;

	/// Memory for `floats` floats, not initialised.
	virtual at::Tensor allocate(int64_t floats) = 0;
	virtual LayerPointer prepare(const LayerWeights &weights) const = 0;
	virtual LayerPointer prepare_depthwise(const LayerWeights &weights) const = 0;

	// ---- Operations on maps. What is written has the size that the operation gives.

	/// out = clamp(layer(in) + add); `add` may be undefined, or one pixel expanded to all.
	virtual void convolve(const Layer &layer, const Map &in, const Map &out, const Map &add) = 0;
	virtual void convolve_depthwise(const Layer &layer, const Map &in, const Map &out) = 0;
	/// 3x3, stride 2, padding 1.
	virtual void max_pool(const Map &in, const Map &out) = 0;
	/// The mean over the picture: (H, W, C) -> (1, 1, C).
	virtual void average(const Map &in, const Map &out) = 0;
	/// Bilinear, corners not aligned.
	virtual void upsample(const Map &in, const Map &out) = 0;

	// ---- Pictures and what the network makes of them. Stored pictures: (H + 2m, W + 2m, 4) bytes, H and W
	// multiples of 4, m = picture_margin.

	virtual at::Tensor make_picture(int width, int height) = 0;
	/// Repeats the edge up to the stored size.
	virtual void store_picture(const Picture &picture, const at::Tensor &stored) = 0;
	/// Its colours in 0..1, bilinear, corners not aligned: (h, w, 3).
	virtual void downsample(const at::Tensor &stored, const Map &out) = 0;

	// ---- From the coarse result, (h, w, 37), to the frame. The mask has one byte for each 4x4 cell: (H / 4, W / 4).

	/// conv1 to conv4.
	virtual LayerPointer prepare_refiner(const std::array<LayerWeights, 4> &layers) const = 0;
	virtual at::Tensor make_mask(int width, int height) = 0;
	virtual void select(const Map &coarse, const Options &options, const at::Tensor &mask) = 0;
	/// The coarse result, upsampled, where nothing is selected.
	virtual void compose(const Map &coarse, const at::Tensor &source, const at::Tensor &mask,
			     const Output &output) = 0;
	/// The refiner's result where something is.
	virtual void refine(const Layer &refiner, const Map &coarse, const at::Tensor &source,
			    const at::Tensor &background, const at::Tensor &mask, const Output &output) = 0;
	/// Makes the finished `result`, written with `keeps_alpha` off, into another view.
	virtual void show(View view, const Map &coarse, const at::Tensor &mask, const Picture &result) = 0;
};

/// Runs on all threads that LibTorch was given.
std::unique_ptr<FastDevice> make_cpu_device();

} // namespace matting
