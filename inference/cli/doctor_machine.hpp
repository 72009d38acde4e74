// SPDX-License-Identifier: GPL-2.0-or-later
// What `doctor` finds around the program: the system, the processor, the card's driver, OBS.
#pragma once

#include "description.hpp"

#include <string>
#include <vector>

namespace matting {

Json describe_system();
std::string processor_name();
/// Of NVIDIA's driver, or empty: there is none.
std::string driver_version();
/// Finds it in what the driver says of itself: "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  ...".
inline constexpr const char *driver_pattern = "Kernel Module.* ([0-9]+[.][0-9.]+) ";

struct FoundObs {
	std::string from; ///< packages, flatpak or snap; an installer
	std::string path;
	std::string version; ///< empty: not known
	bool looks_here;     ///< for plugins, and finds the one beside this program
};
/// Every OBS Studio that is installed where it usually is.
std::vector<FoundObs> find_obs();
/// The plugin's, beside this program.
extern const char *const module_file;

} // namespace matting
