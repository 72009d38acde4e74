// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_devices.hpp"

#include <algorithm>

namespace matting {

std::vector<TestDevice> cpu_test_devices()
{
	std::vector<TestDevice> devices;
	for (size_t i = 0; i < instruction_set_names.size(); i++) {
		const auto set = static_cast<InstructionSet>(i);
		const auto &here = instruction_sets();
		const bool is_here = std::find(here.begin(), here.end(), set) != here.end();
		devices.push_back({std::string("cpu_") + instruction_set_names[i],
				   {Backbone::mobilenetv2, Backbone::resnet50, Backbone::resnet101},
				   2e-4,
				   2e-4,
				   false,
				   [=] {
					   return is_here ? make_cpu_device(set) : nullptr;
				   }});
	}
	return devices;
}

} // namespace matting
