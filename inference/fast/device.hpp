// SPDX-License-Identifier: GPL-2.0-or-later
// What the fast executor asks of a device. The way of the data is written in terms of this (coarse_network.cpp,
// fast_executor.cpp); devices differ in the files that implement it.
#pragma once

#include "instruction_set.hpp"
#include "layer.hpp"

#include "inference/matting.hpp"

#include <array>
#include <functional>

namespace matting {

/// What a frame's time is spent on, in this order.
enum class Stage { unpack, downsample, backbone, aspp, decoder, selection, compose, patches };
inline constexpr std::array stage_names{"unpack",  "downsample", "backbone", "aspp",
					"decoder", "selection",  "compose",  "patches"};

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

	/// What a device does for an output of this size.
	virtual double multiplications(int height, int width) const
	{
		return static_cast<double>(weight_count) * height * width;
	}
	/// Height or width of the output for an input's.
	int output_size(int size) const { return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1; }
};
using LayerPointer = std::shared_ptr<const Layer>;

/// Where a frame goes: into an RGBA8 picture, or, for those who want to know exactly, into floats.
struct Output {
	Picture picture;
	Map exact;               ///< (H, W, 4) fp32: alpha, foreground; used if defined
	bool keeps_alpha = true; ///< alpha is multiplied by the source's own
};

/// Thread-safety: none; `prepare` may be called from anywhere.
class FastDevice {
public:
	virtual ~FastDevice() = default;

	/// Memory, zeroed.
	virtual std::shared_ptr<void> allocate(size_t bytes) = 0;
	/// Bytes of a number in a feature map: 4 is fp32, 2 fp16.
	virtual int element() const = 0;
	/// As fp32 on the CPU, (H, W, C).
	virtual at::Tensor download(const Map &map) = 0;
	virtual LayerPointer prepare(const LayerWeights &weights) const = 0;
	/// For convolve_upsampled.
	virtual LayerPointer prepare_upsampled(const LayerWeights &weights) const { return prepare(weights); }
	virtual LayerPointer prepare_depthwise(const LayerWeights &weights) const = 0;

	// ---- A frame

	/// Where its operations write what in the end is `result`.
	virtual Picture begin_frame(const Picture &result) = 0;
	/// Runs a frame's operations. Those of one `version` are the same for every frame, in the same memory, so that
	/// a device may record them.
	virtual void run(uint64_t version, const std::function<void()> &operations) = 0;
	/// Whether the ends of stages are timed, where that costs time.
	virtual void time_stages(bool) {}
	/// The operations of a stage have all been asked for.
	virtual void end_of(Stage stage) = 0;
	/// Waits until `result` is there.
	virtual void end_frame(const Picture &result) = 0;
	/// What the stages of the last timed frame took.
	virtual std::array<double, stage_names.size()> stage_milliseconds() = 0;
	virtual DeviceFigures figures() { return {}; }

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
	/// out = clamp(layer(both)) once `in`, upsampled, is the first channels of `both`, which may be written or not.
	/// 3x3, stride 1, padding 1.
	virtual void convolve_upsampled(const Layer &layer, const Map &in, const Map &both, const Map &out)
	{
		upsample(in, both.narrow(0, in.channels));
		convolve(layer, both, out, Map());
	}

	/// Whether it has this: out = clamp(layer(both)), as convolve_upsampled, in those pixels at least that `refine`
	/// reads of a coarse result of that size for that mask. If not, all is computed before anything is selected.
	virtual bool has_convolve_selected() const { return false; }
	virtual void convolve_selected(const Layer &layer, const Map &in, const Map &both, const Map &, const Map &out)
	{
		convolve_upsampled(layer, in, both, out);
	}

	// ---- Pictures and what the network makes of them. Stored pictures: (H, W, 4) bytes, H and W multiples of 4,
	// with picture_margin around.

	/// Repeats the edge up to the stored size.
	virtual void store_picture(const Picture &picture, const Map &stored) = 0;
	/// Its colours in 0..1, bilinear, corners not aligned: (h, w, 3).
	virtual void downsample(const Map &stored, const Map &out) = 0;

	// ---- From the coarse result, (h, w, 37), to the frame. The mask has one byte for each cell: (H / 4, W / 4,
	// 1).

	/// conv1 to conv4.
	virtual LayerPointer prepare_refiner(const std::array<LayerWeights, 4> &layers) const = 0;
	virtual void select(const Map &coarse, const Options &options, const Map &mask) = 0;
	/// The coarse result, upsampled, where nothing is selected.
	virtual void compose(const Map &coarse, const Map &source, const Map &mask, const Output &output) = 0;
	/// The refiner's result where something is.
	virtual void refine(const Layer &refiner, const Map &coarse, const Map &source, const Map &background,
			    const Map &mask, const Output &output) = 0;
	/// Makes the finished `result`, written with `keeps_alpha` off, into another view.
	virtual void show(View view, const Map &coarse, const Map &mask, const Picture &result) = 0;
};

/// Runs on all threads that LibTorch was given.
std::unique_ptr<FastDevice> make_cpu_device(InstructionSet set = chosen_instruction_set());

} // namespace matting
