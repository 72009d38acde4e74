// SPDX-License-Identifier: GPL-2.0-or-later
// The devices that a test program runs the fast executor's tests on.
#pragma once

#include "inference/fast/device.hpp"
#include "inference/finishing_steps.hpp"

#include <functional>
#include <string>
#include <vector>

namespace matting {

struct TestDevice {
	std::string name;
	std::vector<Backbone> backbones;
	/// Of alpha, foreground and error, to the scripted executor in fp32: the greatest difference and the mean.
	double most, mean;
	bool is_slow; ///< smaller pictures, please
	/// Null, where the machine has no such device.
	std::function<std::unique_ptr<FastDevice>()> make;
	/// For pictures there; empty for the CPU.
	std::function<std::unique_ptr<FinishingSteps>()> make_finishing = {};
};
const std::vector<TestDevice> &test_devices();

/// One for each of the CPU's instruction sets.
std::vector<TestDevice> cpu_test_devices();

} // namespace matting
