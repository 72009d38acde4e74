// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace matting {

/// Threads for all engines of this process; 0: `useful_threads`. Thread-safety: none, nor beside an engine at work.
void set_threads(int count);

/// Processors that share a core compute no faster together.
int physical_cores();

/// One for each core, but no more than the container's share of the processors is worth.
int useful_threads();

} // namespace matting
