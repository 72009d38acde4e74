// SPDX-License-Identifier: GPL-2.0-or-later
// What in a real driver is the kernel: it gives one process the memory of another, whatever rules for files they keep.
#pragma once

#include "inference/wire/protocol.hpp"

#include <sys/types.h>

namespace cuda_stand_in {

/// A process beside this one that ends with it. Thread-safety: none.
class KernelPart {
public:
	KernelPart();
	/// A file that `process` has open under that number; -1 if there is none.
	int open(pid_t process, int file) const;

private:
	matting::Channel channel_;
};

/// The one of this process; started by the first call, which must come before rules forbid it.
const KernelPart &kernel_part();

} // namespace cuda_stand_in
