// SPDX-License-Identifier: GPL-2.0-or-later
// A device that is another one, but for what a test changes.
#pragma once

#include "inference/fast/device.hpp"

namespace matting {

class ForwardingDevice : public FastDevice {
public:
	explicit ForwardingDevice(std::unique_ptr<FastDevice> device) : device_(std::move(device)) {}

	std::shared_ptr<void> allocate(size_t bytes) override { return device_->allocate(bytes); }
	int element() const override { return device_->element(); }
	at::Tensor download(const Map &map) override { return device_->download(map); }
	LayerPointer prepare(const LayerWeights &weights) const override { return device_->prepare(weights); }
	LayerPointer prepare_upsampled(const LayerWeights &weights) const override
	{
		return device_->prepare_upsampled(weights);
	}
	LayerPointer prepare_depthwise(const LayerWeights &weights) const override
	{
		return device_->prepare_depthwise(weights);
	}
	LayerPointer prepare_refiner(const std::array<LayerWeights, 4> &layers) const override
	{
		return device_->prepare_refiner(layers);
	}
	Picture begin_frame(const Picture &result) override { return device_->begin_frame(result); }
	void run(uint64_t version, const std::function<void()> &operations) override
	{
		device_->run(version, operations);
	}
	void time_stages(bool on) override { device_->time_stages(on); }
	void end_of(Stage stage) override { device_->end_of(stage); }
	void end_frame(const Picture &result) override { device_->end_frame(result); }
	std::array<double, stage_names.size()> stage_milliseconds() override { return device_->stage_milliseconds(); }
	DeviceFigures figures() override { return device_->figures(); }
	void convolve(const Layer &layer, const Map &in, const Map &out, const Map &add) override
	{
		device_->convolve(layer, in, out, add);
	}
	void convolve_depthwise(const Layer &layer, const Map &in, const Map &out) override
	{
		device_->convolve_depthwise(layer, in, out);
	}
	void convolve_upsampled(const Layer &layer, const Map &in, const Map &both, const Map &out) override
	{
		device_->convolve_upsampled(layer, in, both, out);
	}
	bool has_convolve_selected() const override { return device_->has_convolve_selected(); }
	void convolve_selected(const Layer &layer, const Map &in, const Map &both, const Map &mask,
			       const Map &out) override
	{
		device_->convolve_selected(layer, in, both, mask, out);
	}
	void max_pool(const Map &in, const Map &out) override { device_->max_pool(in, out); }
	void average(const Map &in, const Map &out) override { device_->average(in, out); }
	void upsample(const Map &in, const Map &out) override { device_->upsample(in, out); }
	void store_picture(const Picture &picture, const Map &stored) override
	{
		device_->store_picture(picture, stored);
	}
	void downsample(const Map &stored, const Map &out) override { device_->downsample(stored, out); }
	void select(const Map &coarse, const Options &options, const Map &mask) override
	{
		device_->select(coarse, options, mask);
	}
	void compose(const Map &coarse, const Map &source, const Map &mask, const Output &output) override
	{
		device_->compose(coarse, source, mask, output);
	}
	void refine(const Layer &refiner, const Map &coarse, const Map &source, const Map &background, const Map &mask,
		    const Output &output) override
	{
		device_->refine(refiner, coarse, source, background, mask, output);
	}
	void show(View view, const Map &coarse, const Map &mask, const Picture &result) override
	{
		device_->show(view, coarse, mask, result);
	}

protected:
	const std::unique_ptr<FastDevice> device_;
};

} // namespace matting
