// SPDX-License-Identifier: GPL-2.0-or-later
// The CPU as a device that can fail as cards fail.
#pragma once

#include "tests/device/forwarding_device.hpp"

#include "inference/cuda_library.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include <c10/util/Exception.h>

namespace matting {

/// `fault`: nonsense (it computes another matte than the CPU), memory (there is none for a frame wider than 1000 pixels),
/// handover (in the midst of such a frame's way back it fails), lost (the first convolution ends the device), torch (LibTorch
/// says that it has failed) and torch_lost (and it answers no more: StandIn), slow (a frame that is 320 pixels wide takes more than two seconds), or none of
/// these.
class FaultyDevice : public ForwardingDevice {
public:
	explicit FaultyDevice(std::string fault) : ForwardingDevice(make_cpu_device()), fault_(std::move(fault)) {}

	void convolve(const Layer &layer, const Map &in, const Map &out, const Map &add) override
	{
		if (fault_ == "lost")
			throw DeviceLost("the graphics card has failed while running the model");
		TORCH_CHECK(!fault_.starts_with("torch"), "CUDA error: unspecified launch failure");
		device_->convolve(layer, in, out, add);
	}
	void store_picture(const Picture &picture, const Map &stored) override
	{
		if (fault_ == "memory" && picture.width > 1000)
			throw Error("the graphics card has not enough memory for the frame");
		if (fault_ == "slow" && picture.width == 320)
			std::this_thread::sleep_for(std::chrono::milliseconds(2200));
		device_->store_picture(picture, stored);
	}
	void end_frame(const Picture &result) override
	{
		device_->end_frame(result);
		if (fault_ == "handover" && result.width > 1000) {
			std::fill_n(result.pixels, result.height / 2 * result.pitch, uint8_t{255});
			throw Error("the graphics card has failed while handing a frame over");
		}
	}
	void select(const Map &coarse, const Options &options, const Map &mask) override
	{
		if (fault_ == "nonsense") // alpha everywhere
			for (int64_t i = 0; i < int64_t{1} * coarse.height * coarse.width; i++)
				coarse.as<float>()[i * coarse.pixel] = 1;
		device_->select(coarse, options, mask);
	}

private:
	const std::string fault_;
};

} // namespace matting
