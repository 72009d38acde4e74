// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cuda_memory.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace matting::cuda {

/// How long to sleep until a frame is nearly done, by what frames took lately. Thread-safety: none.
class Nap {
public:
	using Duration = std::chrono::steady_clock::duration;
	/// Before the frame's end, as it is expected.
	static constexpr std::chrono::microseconds early{250};

	Duration length() const { return std::clamp<Duration>(usual_ - early, Duration(), longest); }
	/// Of a frame, from when the wait began. `was_too_long`: the frame was done when the nap ended, since nobody knows when;
	/// so a frame that stalled once is forgotten soon.
	void note(Duration took, bool was_too_long)
	{
		usual_ = was_too_long ? usual_ / 2 : usual_ + (took - usual_) / 8;
	}

private:
	static constexpr std::chrono::milliseconds longest{20};

	Duration usual_{};
};

/// Waits for frames. Made with its device current. Thread-safety: none.
class FrameEnd {
public:
	/// Until what the stream has been told so far is done. Sleeps for most of what frames take, then looks; an interrupt
	/// alone would come a tenth of a millisecond late.
	void await(cudaStream_t stream)
	{
		check_cuda(cudaEventRecord(done_.get(), stream), "ending a frame");
		const auto begin = Clock::now();
		std::this_thread::sleep_for(nap_.length());
		const auto end = Clock::now() + 2 * Nap::early;
		cudaError_t state = cudaEventQuery(done_.get());
		const bool was_too_long = state == cudaSuccess;
		while (state == cudaErrorNotReady && Clock::now() < end)
			state = cudaEventQuery(done_.get());
		if (state == cudaErrorNotReady)
			state = cudaEventSynchronize(done_.get());
		check_cuda(state, "running the model");
		nap_.note(Clock::now() - begin, was_too_long);
	}

private:
	using Clock = std::chrono::steady_clock;

	const Event done_ = make_event(cudaEventBlockingSync | cudaEventDisableTiming);
	Nap nap_;
};

} // namespace matting::cuda
