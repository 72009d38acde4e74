// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace matting {

/// What this machine can do at the moment, on the threads that were set.
struct MachineLimits {
	double gflops;               ///< of a large convolution in fp32, multiplications and additions counted apart
	double gigabytes_per_second; ///< of a copy, read and written bytes counted
};
MachineLimits measure_machine();

} // namespace matting
