// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/wire/protocol.hpp"

namespace matting {

/// The slots of one size in memory that both processes reach. A bridge makes it and knows how to fill it; it must live
/// until the engine has closed it. Thread-safety: constant once made.
class FrameMemory {
public:
	virtual ~FrameMemory() = default;

	/// Adds to a set_frames message what the engine needs to open it.
	virtual void describe(Message &set_frames) const = 0;
	/// What goes along with that message, or -1.
	virtual int handle() const { return -1; }
};

} // namespace matting
