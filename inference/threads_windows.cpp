// SPDX-License-Identifier: GPL-2.0-or-later
#include "threads.hpp"

#include <algorithm>
#include <vector>

#include <windows.h>

namespace matting {

int physical_cores()
{
	DWORD bytes = 0;
	GetLogicalProcessorInformationEx(RelationProcessorCore, nullptr, &bytes);
	std::vector<char> list(bytes);
	const auto at = [&](DWORD place) {
		return reinterpret_cast<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *>(list.data() + place);
	};
	int cores = 0;
	if (GetLogicalProcessorInformationEx(RelationProcessorCore, at(0), &bytes))
		for (DWORD place = 0; place < bytes; place += at(place)->Size) // they are not all of one size
			cores++;
	return std::max(1, cores);
}

int useful_threads()
{
	return physical_cores();
}

} // namespace matting
