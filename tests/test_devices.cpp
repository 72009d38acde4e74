// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_devices.hpp"

#include "inference/cuda_library.hpp"

#include <cstdlib>

namespace matting {
namespace {

std::unique_ptr<FastDevice> make_first_cuda_device(bool half)
{
	try {
		return cuda_backend().make_device(find_cuda_device("cuda").index, half);
	} catch (const Error &) {
		if (std::getenv(
			    "MATTING_REQUIRE_CUDA")) // there is one, and a skipped test would hide that it does not work
			throw;
		return nullptr;
	}
}

} // namespace

const std::vector<TestDevice> &test_devices()
{
	static const std::vector<TestDevice> devices = [] {
		const std::vector all{Backbone::mobilenetv2, Backbone::resnet50, Backbone::resnet101};
		std::vector<TestDevice> devices = cpu_test_devices();
		devices.push_back({"cuda_fp32", all, 2e-4, 2e-4, false, [] { return make_first_cuda_device(false); },
				   [] {
					   return cuda_backend().make_finishing(find_cuda_device("cuda").index);
				   }});
		devices.push_back({"cuda_fp16", all, 0.02, 0.002, false, [] {
					   return make_first_cuda_device(true);
				   }});
		return devices;
	}();
	return devices;
}

} // namespace matting
