// SPDX-License-Identifier: GPL-2.0-or-later
// Note [Nobody waits for who has not come]
// OpenMP's loops end when all threads have been there. On a machine that has other things to do, a thread may come
// milliseconds late, and a frame has a hundred loops. Here a loop ends when its work is done: a thread that comes later
// finds nothing to do, and the one that has called the loop waits only for those that are in the middle of something.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace matting {

/// As many threads as LibTorch was given, the calling one included.
int thread_count();

/// The threads that help one other thread. Thread-safety: none.
class Helpers {
public:
	explicit Helpers(int count);
	~Helpers();
	Helpers(const Helpers &) = delete;
	Helpers &operator=(const Helpers &) = delete;

	int count() const { return static_cast<int>(threads_.size()); }

	/// work(context, thread) on this thread, which is number 0, and on all that come before it returns here.
	void run(void (*work)(const void *context, int thread), const void *context) noexcept;

private:
	Helpers() = default;
	void help(int thread);

	static constexpr uint32_t closed = 1u << 31;
	void (*work_)(const void *, int) = nullptr;
	const void *context_ = nullptr;
	std::atomic<uint32_t> inside_ =
		closed;                   ///< helpers that may look at the two above; `closed`: none may come any more
	std::atomic<uint32_t> round_ = 0; ///< one more for each run
	std::atomic<bool> ends_ = false;
	std::vector<std::thread> threads_;
};

/// Those of the calling thread, for as long as it lives.
Helpers &helpers();

/// Calls task(index, thread) for 0 <= index < count. A thread that is done takes the next index: none waits for another's
/// share.
template<typename Task> void parallel(int64_t count, const Task &task)
{
	struct Context {
		const Task &task;
		int64_t count;
		mutable std::atomic<int64_t> next = 0;
	} const context{task, count};
	const auto work = [](const void *data, int thread) {
		const auto &shared = *static_cast<const Context *>(data);
		for (int64_t index; (index = shared.next++) < shared.count;)
			shared.task(index, thread);
	};
	if (count > 1)
		helpers().run(work, &context);
	else
		work(&context, 0);
}

/// Calls action(y) for 0 <= y < height; `together` rows are one task.
template<typename Action> void parallel_rows(int height, int together, const Action &action)
{
	parallel((height + together - 1) / together, [&](int64_t block, int) {
		const int first = static_cast<int>(block) * together;
		for (int y = first; y < std::min(height, first + together); y++)
			action(y);
	});
}

} // namespace matting
