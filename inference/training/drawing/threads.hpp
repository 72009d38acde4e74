// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <ATen/Parallel.h>
#include <omp.h>

namespace matting::training {

/// LibTorch's operations that are called from this thread use so many threads.
inline void set_threads_here(int count)
{
	at::get_num_threads(); // sets this thread up, which would otherwise undo the next line later
	omp_set_num_threads(count);
}

} // namespace matting::training
