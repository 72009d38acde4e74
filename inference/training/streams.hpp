// SPDX-License-Identifier: GPL-2.0-or-later
// What a card does side by side. On the CPU, whatever a thread asks for is done when it has been asked for.
#pragma once

#include <optional>

#include <ATen/core/Tensor.h>
#include <c10/core/StreamGuard.h>

namespace matting::training {

/// Waits for all that this thread has asked of the device.
inline void finish_here(at::Device device)
{
	const c10::impl::VirtualGuardImpl card(device.type());
	card.synchronizeStream(card.getStream(device));
}

/// While this lives, a card does what this thread asks of it beside what it does for others.
class OwnStream {
public:
	explicit OwnStream(at::Device device) : device_(device)
	{
		if (!device.is_cpu())
			guard_.reset_stream(c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device));
	}

	/// Waits for it.
	void finish() const { finish_here(device_); }

private:
	at::Device device_;
	c10::OptionalStreamGuard guard_;
};

/// Of a tensor that another thread's stream has made, and has finished: its memory is not used anew before this thread's
/// stream is done with it.
inline void use_here(const at::Tensor &tensor)
{
	if (!tensor.is_cpu())
		tensor.record_stream(c10::impl::VirtualGuardImpl(tensor.device().type()).getStream(tensor.device()));
}

} // namespace matting::training
