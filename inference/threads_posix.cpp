// SPDX-License-Identifier: GPL-2.0-or-later
#include "threads.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
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

// "cpu.max" has both, in microseconds, or "max"; version 1 has a file for each, and -1.
static std::optional<double> quota_of(const std::filesystem::path &group, bool is_first_version)
{
	std::ifstream stream(group / (is_first_version ? "cpu.cfs_quota_us" : "cpu.max"));
	std::ifstream second(group / "cpu.cfs_period_us");
	double quota = 0, period = 0;
	const bool is_limited =
		stream >> quota && (is_first_version ? second : stream) >> period && quota > 0 && period > 0;
	return is_limited ? std::optional(quota / period) : std::nullopt;
}

std::optional<double> processor_quota(const std::string &root)
{
	std::optional<double> least;
	std::ifstream groups(root + "/proc/self/cgroup"); // number:controllers:/path
	for (std::string line; std::getline(groups, line);) {
		const size_t first = line.find(':'), second = line.find(':', first + 1);
		if (second == std::string::npos)
			continue;
		const std::string controllers = ',' + line.substr(first + 1, second - first - 1) + ',';
		const bool is_first_version = controllers != ",,";
		if (is_first_version && controllers.find(",cpu,") == std::string::npos)
			continue;
		for (const char *mount : {"", "/unified", "/cpu", "/cpu,cpuacct"}) {
			const std::filesystem::path top = root + "/sys/fs/cgroup" + mount;
			// In a container the path may be the host's: what is not there has no quota.
			std::filesystem::path group =
				top / std::filesystem::path(line.substr(second + 1)).relative_path();
			for (;; group = group.parent_path()) {
				if (const auto quota = quota_of(group, is_first_version))
					least = std::min(least.value_or(*quota), *quota);
				if (group == top || group == group.parent_path())
					break;
			}
		}
	}
	return least;
}

// More threads than the quota is worth would only wait for the next period together.
int useful_threads()
{
	const int cores = physical_cores();
	const auto quota = processor_quota();
	return quota ? std::clamp(static_cast<int>(std::lround(*quota)), 1, cores) : cores;
}

} // namespace matting
