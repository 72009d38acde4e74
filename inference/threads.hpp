// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

namespace matting {

/// Threads for all engines of this process; 0: `useful_threads`. Thread-safety: none, nor beside an engine at work.
void set_threads(int count);

/// Processors that share a core compute no faster together.
int physical_cores();

/// Linux: how many processors this process's control groups (versions 1 and 2; those of `docker run --cpus` and systemd's CPUQuota)
/// let it use, by its own and all above it; empty: as many as there are. `root` stands before /proc and /sys.
std::optional<double> processor_quota(const std::string &root = {});

/// One for each core, but no more than the container's share of the processors is worth.
int useful_threads();

} // namespace matting
