// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/matting.hpp"
#include "inference/wire/protocol.hpp"

#include <memory>
#include <string>

namespace matting {

/// The frames of one filter: slots in memory that the plugin has made. Thread-safety: none.
class Frames {
public:
	virtual ~Frames() = default;

	/// The slot, where it is, with the frame that the plugin has put there.
	virtual Picture picture(uint32_t slot) = 0;
	/// The same where the CPU can read it; valid until the next call.
	virtual Picture host_picture(uint32_t slot) = 0;
};

/// Opens what `set_frames` announced; takes `handle` over. Throws Error where the plugin did nothing wrong but must use
/// other memory for an engine on `device`; std::runtime_error for what no plugin of this version says.
std::unique_ptr<Frames> open_frames(const Message &set_frames, int handle, const std::string &device);

} // namespace matting
