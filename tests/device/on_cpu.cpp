// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of single operations need where the devices are the CPU's instruction sets.
#include "guarded_map.hpp"

#include "tests/test_devices.hpp"

#include <cstring>

namespace matting {

void copy_to_device(void *to, const void *from, size_t bytes)
{
	std::memcpy(to, from, bytes);
}

const std::vector<TestDevice> &test_devices()
{
	static const std::vector<TestDevice> devices = cpu_test_devices();
	return devices;
}

} // namespace matting
