// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace matting {

/// Where a bridge leaves frames and finds mattes: slots of a FrameMemory. Graphics thread only.
class FrameQueue {
public:
	/// The source's picture is still the one that was offered last. False: offer it once more.
	virtual bool keep_frame(uint64_t captured_ns) = 0;
	/// The slot to copy the next frame to, if one is free. `offer_frame` or `cancel_frame` must follow.
	virtual std::optional<uint32_t> begin_frame() = 0;
	/// Sends the frame, or lets it wait for the one at work; a frame that waited already is dropped.
	/// `captured_ns`: when the picture was taken, in os_gettime_ns.
	virtual void offer_frame(uint64_t captured_ns) = 0;
	virtual void cancel_frame() = 0;
	/// The slot of the newest matte that was not taken yet. Valid until `release_matte`, which must follow.
	virtual std::optional<uint32_t> take_matte() = 0;
	virtual void release_matte() = 0;

protected:
	~FrameQueue() = default;
};

} // namespace matting
