// SPDX-License-Identifier: GPL-2.0-or-later
#include "threads.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <sched.h>

namespace matting {

// Of `docker run --cpuset-cpus` and `taskset`: those that this process may use.
static std::vector<unsigned> processors()
{
	std::vector<unsigned> numbers;
	cpu_set_t allowed;
	if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
		for (unsigned i = 0; i < CPU_SETSIZE; i++)
			if (CPU_ISSET(i, &allowed))
				numbers.push_back(i);
	if (numbers.empty()) // more than a set has place for
		for (unsigned i = 0; i < std::thread::hardware_concurrency(); i++)
			numbers.push_back(i);
	return numbers;
}

int physical_cores()
{
	std::set<std::string> cores;
	for (const unsigned i : processors()) {
		std::ifstream stream(fmt::format("/sys/devices/system/cpu/cpu{}/topology/core_cpus_list", i));
		std::string processors = std::to_string(i);
		std::getline(stream, processors);
		cores.insert(processors);
	}
	return std::max<int>(1, static_cast<int>(cores.size()));
}

int useful_threads()
{
	// Of `docker run --cpus`: microseconds of processors in a period, or "max". More threads would only wait for the
	// next period together.
	std::ifstream stream("/sys/fs/cgroup/cpu.max");
	double quota = 0, period = 0;
	const bool is_limited = static_cast<bool>(stream >> quota >> period) && period > 0;
	const int cores = physical_cores();
	return is_limited ? std::clamp(static_cast<int>(std::lround(quota / period)), 1, cores) : cores;
}

} // namespace matting
