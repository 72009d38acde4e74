// SPDX-License-Identifier: GPL-2.0-or-later
#include "threads.hpp"

#include <ATen/Parallel.h>

namespace matting {

void set_threads(int count)
{
	at::set_num_threads(count > 0 ? count : useful_threads());
}

} // namespace matting
