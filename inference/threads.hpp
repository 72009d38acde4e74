// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace matting {

/// Threads for all engines of this process; 0: `useful_threads`. Before the first engine.
void set_threads(int count);

/// Processors that share a core compute no faster together.
int physical_cores();

/// One for each core, but no more than the container's share of the processors is worth.
int useful_threads();

} // namespace matting
