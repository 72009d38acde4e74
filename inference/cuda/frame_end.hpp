// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cuda_memory.hpp"

#include <chrono>
#include <thread>

namespace matting::cuda {

/// Waits for frames. Made with its device current. Thread-safety: none.
class FrameEnd {
public:
	/// Until what the stream has been told so far is done. Sleeps for most of what frames take, then looks; an interrupt
	/// alone would come a tenth of a millisecond late.
	void await(cudaStream_t stream)
	{
		constexpr std::chrono::microseconds early{250};
		check_cuda(cudaEventRecord(done_.get(), stream), "ending a frame");
		const auto begin = Clock::now();
		if (frame_time_ > early)
			std::this_thread::sleep_for(frame_time_ - early);
		const auto end = Clock::now() + 2 * early;
		cudaError_t state = cudaErrorNotReady;
		while (state == cudaErrorNotReady && Clock::now() < end)
			state = cudaEventQuery(done_.get());
		if (state == cudaErrorNotReady)
			state = cudaEventSynchronize(done_.get());
		check_cuda(state, "running the model");
		frame_time_ += (Clock::now() - begin - frame_time_) / 8;
	}

private:
	using Clock = std::chrono::steady_clock;

	const Event done_ = make_event(cudaEventBlockingSync | cudaEventDisableTiming);
	Clock::duration frame_time_{}; // lately
};

} // namespace matting::cuda
