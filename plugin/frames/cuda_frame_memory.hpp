// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cuda_driver.hpp"
#include "frame_memory.hpp"

#include <array>

namespace matting {

/// Slots in a graphics card's memory, exported to the engine's process. Thread-safety: constant once made.
class CudaFrameMemory : public FrameMemory {
public:
	/// With the context current. Throws std::runtime_error: no memory, or it cannot be shared.
	CudaFrameMemory(const CudaContextPointer &context, uint32_t width, uint32_t height);

	void describe(Message &set_frames) const override;

	cuda::Address slot(uint32_t index) const { return memory_.get() + index * slot_bytes_; }
	/// To be recorded behind the copy of a frame into the slot, before the engine is told.
	cuda::Event event(uint32_t index) const { return events_.at(index).get(); }

private:
	void make_memory(const CudaContextPointer &context);
	void make_event(const CudaContextPointer &context, uint32_t index);

	const size_t slot_bytes_;
	CudaMemory memory_;
	std::array<CudaEvent, slot_count> events_;
	CudaHandles handles_{};
};

} // namespace matting
