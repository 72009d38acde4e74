// SPDX-License-Identifier: GPL-2.0-or-later
// What `doctor` finds around the program: the system, the kernel's guards, OBS.
#pragma once

#include "description.hpp"

#include <string>
#include <vector>

namespace matting {

Json describe_system();
Json describe_processor();
/// Of NVIDIA's driver, or empty: there is none.
std::string driver_version();
/// Of Landlock, or 0: the kernel has none.
int landlock_version();

struct FoundObs {
	std::string from; ///< packages, flatpak or snap
	std::string path;
	std::string version; ///< empty: not known
	bool looks_here;     ///< for plugins, where this program lies
};
/// Every OBS Studio that is installed where it usually is.
std::vector<FoundObs> find_obs();

} // namespace matting
