// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <ATen/Parallel.h>

#include <atomic>

namespace matting::cpu {

/// Calls task(index, thread) for 0 <= index < count on all of LibTorch's threads. A thread that is done takes the next
/// index: on a busy machine no thread waits for another's share.
template<typename Task> void parallel(int64_t count, const Task &task)
{
	std::atomic<int64_t> next = 0;
	at::parallel_for(0, std::min<int64_t>(count, at::get_num_threads()), 1, [&](int64_t begin, int64_t end) {
		for (int64_t thread = begin; thread < end; thread++)
			for (int64_t index; (index = next++) < count;)
				task(index, static_cast<int>(thread));
	});
}

} // namespace matting::cpu
