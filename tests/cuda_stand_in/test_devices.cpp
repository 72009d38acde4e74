// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/test_devices.hpp"

#include "inference/cuda/cuda_finishing.hpp"
#include "inference/cuda/make_device.hpp"

namespace matting {

// The other backbones have the same operations, and need minutes here.
const std::vector<TestDevice> &test_devices()
{
	const std::vector some{Backbone::mobilenetv2};
	static const std::vector<TestDevice> devices{{"stand_in_fp32", some, 2e-4, 2e-4, true,
						      [] { return make_cuda_device(0, false); },
						      [] {
							      return make_cuda_finishing(0);
						      }},
						     {"stand_in_fp16", some, 0.02, 0.002, true, [] {
							      return make_cuda_device(0, true);
						      }}};
	return devices;
}

} // namespace matting
