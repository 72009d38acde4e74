// SPDX-License-Identifier: GPL-2.0-or-later
// Maps in a device's memory with guards around them: what reads beyond one gets NaNs, what writes beyond one is found.
#pragma once

#include "inference/fast/device.hpp"

#include <ATen/ATen.h>

namespace matting {

/// Synchronous, to where the device has its memory.
void copy_to_device(void *to, const void *from, size_t bytes);

class GuardedMap {
public:
	/// (H, W, C). `first` and `spare`: channels of others before and behind its own at each pixel, multiples of 8. Channels
	/// up to the next multiple of 8 are its own, and hold `stale`.
	GuardedMap(FastDevice &device, int element, const at::Tensor &values, int first = 0, int spare = 0);
	/// To write to: NaNs.
	GuardedMap(FastDevice &device, int element, int height, int width, int channels, int first = 0, int spare = 0);

	Map map() const { return map_; }
	/// As fp32.
	at::Tensor read() { return device_.download(map_); }
	/// Bytes that are not the map's and have changed.
	int64_t damage();

private:
	static constexpr int64_t guard = 4096; // bytes before and behind it

	FastDevice &device_;
	Map map_;
	std::shared_ptr<void> memory_;
	int64_t bytes_ = 0;
	at::Tensor before_, own_; // bytes as they were; which of them are the map's
};

} // namespace matting
