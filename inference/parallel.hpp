// SPDX-License-Identifier: GPL-2.0-or-later
// Note [Nobody waits for who has not come]
// OpenMP's loops end when all threads have been there. On a machine that has other things to do, a thread may come
// milliseconds late, and a frame has a hundred loops. Here a loop ends when its work is done: a thread that comes later
// finds nothing to do, and the one that has called the loop waits only for those that are in the middle of something.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
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

	/// work(context, thread) on this thread, which is number 0, and on those of the first `wanted` that come before it
	/// returns here.
	void run(void (*work)(void *context, int thread), void *context, int wanted) noexcept;

private:
	Helpers() = default;
	void help(int thread);

	static constexpr uint32_t closed = 1u << 31;
	void (*work_)(void *, int) = nullptr;
	void *context_ = nullptr;
	int wanted_ = 0;
	std::atomic<uint32_t> inside_ =
		closed; ///< helpers that may look at the three above; `closed`: none may come any more
	std::atomic<uint32_t> round_ = 0; ///< one more for each run
	std::atomic<bool> ends_ = false;
	std::vector<std::thread> threads_;
};

/// Those of the calling thread, for as long as it lives; at least `count`.
Helpers &helpers(int count);

/// Calls task(index, thread) for 0 <= index < count. A thread that is done takes the next index: none waits for another's
/// share. Throws what a task has thrown; then some were not called.
template<typename Task> void parallel(int64_t count, const Task &task)
{
	struct Context {
		const Task &task;
		int64_t count;
		std::atomic<int64_t> next = 0;
		std::atomic<bool> has_failed = false;
		std::exception_ptr error{};
	} context{task, count};
	const auto work = [](void *data, int thread) {
		auto &shared = *static_cast<Context *>(data);
		try {
			for (int64_t index; (index = shared.next++) < shared.count;)
				shared.task(index, thread);
		} catch (...) {
			shared.next = shared.count;
			if (!shared.has_failed.exchange(true))
				shared.error = std::current_exception();
		}
	};
	const int wanted = thread_count() - 1;
	if (count > 1)
		helpers(wanted).run(work, &context, wanted);
	else
		work(&context, 0);
	if (context.error)
		std::rethrow_exception(context.error);
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
