// SPDX-License-Identifier: GPL-2.0-or-later
// The CPU as a device that can fail as cards fail.
#pragma once

#include "tests/device/forwarding_device.hpp"

#include "inference/cuda_library.hpp"

#include <chrono>
#include <string>
#include <thread>

namespace matting {

/// `fault`: nonsense (it computes another matte than the CPU), memory (there is none for a frame wider than 1000 pixels),
/// lost (the first convolution ends the device), slow (a frame that is 320 pixels wide takes more than two seconds), or none of
/// these.
class FaultyDevice : public ForwardingDevice {
public:
	explicit FaultyDevice(std::string fault) : ForwardingDevice(make_cpu_device()), fault_(std::move(fault)) {}

	void convolve(const Layer &layer, const Map &in, const Map &out, const Map &add) override
	{
		if (fault_ == "lost")
			throw DeviceLost("the graphics card has failed while running the model");
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
