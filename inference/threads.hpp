// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace matting {

/// Threads for all engines of this process; 0: one for each processor. Before the first engine.
void set_threads(int count);

/// Processors that share a core compute no faster together.
int physical_cores();

} // namespace matting
