// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure_apart.hpp"

#include "inference/error.hpp"

#include <windows.h>

#include <psapi.h> // wants windows.h before it

namespace matting {

nlohmann::ordered_json measure_apart(const std::function<nlohmann::ordered_json()> &action)
{
	nlohmann::ordered_json result = action();
	PROCESS_MEMORY_COUNTERS memory{};
	if (!GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory))
		throw Error("this process's memory cannot be measured");
	result["peak_memory_bytes"] = static_cast<int64_t>(memory.PeakWorkingSetSize);
	return result;
}

} // namespace matting
