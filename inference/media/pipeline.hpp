// SPDX-License-Identifier: GPL-2.0-or-later
// Reading, matting and writing at the same time.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace matting {

/// Hands things from one thread to another; few wait. Thread-safety: safe.
template<typename Thing> class Handover {
public:
	/// Blocks while enough are waiting. False once it is closed: nobody wants more.
	bool push(Thing thing)
	{
		std::unique_lock lock(mutex_);
		changed_.wait(lock, [this] { return closed_ || waiting_.size() < enough; });
		if (closed_)
			return false;
		waiting_.push_back(std::move(thing));
		changed_.notify_all();
		return true;
	}

	/// Blocks. Nothing once it is closed and empty.
	std::optional<Thing> pop()
	{
		std::unique_lock lock(mutex_);
		changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
		if (waiting_.empty())
			return std::nullopt;
		Thing thing = std::move(waiting_.front());
		waiting_.pop_front();
		changed_.notify_all();
		return thing;
	}

	/// Nothing more comes; what waits may still be fetched.
	void close()
	{
		const std::lock_guard lock(mutex_);
		closed_ = true;
		changed_.notify_all();
	}

private:
	static constexpr size_t enough = 2;

	std::mutex mutex_;
	std::condition_variable changed_;
	std::deque<Thing> waiting_;
	bool closed_ = false;
};

/// A thread whose exception is thrown where it is joined.
class Worker {
public:
	/// `at_end` is called whether `work` returns or throws.
	Worker(std::function<void()> work, std::function<void()> at_end)
		: thread_([this, work = std::move(work), at_end = std::move(at_end)] {
			  try {
				  work();
			  } catch (...) {
				  error_ = std::current_exception();
			  }
			  at_end();
		  })
	{
	}

	void join()
	{
		thread_.join();
		if (error_)
			std::rethrow_exception(std::exchange(error_, nullptr));
	}

private:
	std::exception_ptr error_;
	std::jthread thread_; // the last: it uses the others
};

} // namespace matting
