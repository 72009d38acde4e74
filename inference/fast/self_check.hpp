// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a device computes what the CPU computes.
#pragma once

#include "inference/executor.hpp"

#include <string>

namespace matting {

/// A card or a driver that computes nonsense would put the room on air: before a model runs on a device for the first
/// time, both executors matte drawn pictures, in two modes of the refiner, and the device again until it repeats what it
/// has recorded. Takes some tenths of a second. Throws Error that says by how much they differ.
void require_same_matte(Executor &on_device, Executor &on_cpu, const std::string &device, int width = 642,
			int height = 358);

/// One frame of it, on the CPU, before the background that both have: alpha, foreground, expected error and which cells
/// are refined. Returns the CPU's. Throws as above.
MatteTensors require_same_frame(Executor &on_device, Executor &on_cpu, const std::string &device, const Picture &source,
				const Options &options);

} // namespace matting
