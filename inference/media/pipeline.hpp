// SPDX-License-Identifier: GPL-2.0-or-later
// Reading, matting and writing at the same time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

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

/// Threads of which each takes the next thing that waits and does its work, as soon as it has done that of another one.
/// Thread-safety: none.
template<typename Thing> class Crew {
public:
	/// `work` is called on several threads at once.
	Crew(int threads, std::function<void(Thing)> work) : threads_wanted_(threads), work_(std::move(work)) {}
	/// What was handed over is done first, but for what comes behind a failure.
	~Crew() { things_.close(); }
	Crew(const Crew &) = delete;
	Crew &operator=(const Crew &) = delete;

	/// Blocks while enough are waiting. Throws what `finish` throws, if that is known already.
	void push(Thing thing)
	{
		add_thread();
		if (!things_.push({count_++, std::move(thing)}))
			finish();
	}

	/// Blocks until all is done. Throws what the work of a thing has thrown: of several, that of the one that came first. Nothing
	/// may be handed over any more.
	void finish()
	{
		things_.close();
		threads_.clear();
		if (error_)
			std::rethrow_exception(error_);
	}

private:
	struct Numbered {
		int64_t number;
		Thing thing;
	};

	// One that cannot be had is missed only where there is none.
	void add_thread()
	try {
		if (static_cast<int>(threads_.size()) < threads_wanted_)
			threads_.emplace_back([this] { take_all(); });
	} catch (const std::system_error &) {
		if (threads_.empty())
			throw;
	}

	void take_all()
	{
		while (auto next = things_.pop()) {
			try {
				if (next->number < failed_)
					work_(std::move(next->thing));
			} catch (...) {
				note_failure(next->number, std::current_exception());
			}
		}
	}

	void note_failure(int64_t number, std::exception_ptr error)
	{
		const std::lock_guard lock(mutex_);
		if (number < failed_) {
			failed_ = number;
			error_ = std::move(error);
		}
		things_.close();
	}

	const int threads_wanted_;
	const std::function<void(Thing)> work_;
	int64_t count_ = 0;
	Handover<Numbered> things_;
	std::mutex mutex_;
	std::atomic<int64_t> failed_ = std::numeric_limits<int64_t>::max(); // the first of those
	std::exception_ptr error_;                                          // its
	std::vector<std::jthread> threads_;                                 // the last: they use the others
};

} // namespace matting
