// SPDX-License-Identifier: GPL-2.0-or-later
#include "process_apart.hpp"

#include "error.hpp"

#include <windows.h>

#include <psapi.h> // wants windows.h before it

namespace matting {

ApartAnswer run_apart(const std::function<std::string()> &action, std::chrono::seconds)
{
	ApartAnswer answer{.text = action()};
	PROCESS_MEMORY_COUNTERS memory{};
	if (!GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory))
		throw Error("this process's memory cannot be measured");
	answer.peak_memory_bytes = static_cast<int64_t>(memory.PeakWorkingSetSize);
	return answer;
}

} // namespace matting
