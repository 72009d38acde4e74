// SPDX-License-Identifier: GPL-2.0-or-later
// Frames in the computer's own memory.
#pragma once

#include "frame_memory.hpp"

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <vector>

namespace matting {

/// Slots in memory that the engine's process has, too. Thread-safety: constant once made.
class HostFrameMemory : public FrameMemory {
public:
	/// Takes as long as several of OBS's frames. Throws std::system_error: there is no memory.
	HostFrameMemory(uint32_t width, uint32_t height);

	void describe(Message &set_frames) const override { set_frames.memory = MemoryKind::host; }
	int handle() const override { return memory_.handle(); }

	uint8_t *slot(uint32_t index) const { return memory_.data() + index * slot_bytes_; }

private:
	const size_t slot_bytes_;
	const SharedMemory memory_;
};

/// What the way of the CPU needs for frames of one size.
struct HostFrames {
	uint32_t width = 0, height = 0;
	std::shared_ptr<const HostFrameMemory> memory;
	std::vector<uint8_t> last; ///< place for a frame that was sent
};

/// Makes them on a thread of its own: what the system gives it clears first, in which time OBS would draw several frames.
/// Thread-safety: none; waits for nothing.
class HostFramesMaker {
public:
	/// Nothing while they are being made: to be asked again, until the frames are fetched or it throws. Throws std::system_error
	/// and std::bad_alloc: there is no memory, or no thread to be had.
	std::optional<HostFrames> make(uint32_t width, uint32_t height);
	/// Frames of any size.
	bool is_making() const { return making_.valid(); }

private:
	void begin(uint32_t width, uint32_t height);

	uint32_t width_ = 0, height_ = 0;
	std::future<HostFrames> making_; // of that size
};

} // namespace matting
