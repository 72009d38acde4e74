// SPDX-License-Identifier: GPL-2.0-or-later
// A frame's operations as one CUDA graph.
//
// Note [One launch a frame]
// A frame is some 80 kernels of a few microseconds: to start them one by one takes as long as to run them. The first
// frame of a version runs eagerly, which also makes whatever memory it needs; the second is recorded, from this thread
// only; the others are one launch.
#pragma once

#include "cuda_memory.hpp"

#include <functional>

namespace matting::cuda {

/// Thread-safety: none.
class FrameGraph {
public:
	/// As FastDevice::run.
	void run(uint64_t version, const std::function<void()> &operations, cudaStream_t stream);
	bool is_recording() const { return is_recording_; }

private:
	void record(const std::function<void()> &operations, cudaStream_t stream);

	GraphExec graph_;
	uint64_t graph_version_ = 0, last_version_ = 0;
	uint64_t unrecorded_version_ = 0; // whose recording has failed
	bool is_recording_ = false;
};

} // namespace matting::cuda
