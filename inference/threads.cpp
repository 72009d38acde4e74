// SPDX-License-Identifier: GPL-2.0-or-later
#include "threads.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include <ATen/Parallel.h>
#include <fmt/format.h>

namespace matting {

void set_threads(int count)
{
	at::set_num_threads(count > 0 ? count : static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

int physical_cores()
{
	std::set<std::string> cores;
	for (unsigned i = 0; i < std::thread::hardware_concurrency(); i++) {
		std::ifstream stream(fmt::format("/sys/devices/system/cpu/cpu{}/topology/core_cpus_list", i));
		std::string processors = std::to_string(i);
		std::getline(stream, processors);
		cores.insert(processors);
	}
	return std::max<int>(1, static_cast<int>(cores.size()));
}

} // namespace matting
