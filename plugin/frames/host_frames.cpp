// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_frames.hpp"

#include "inference/wire/apart.hpp"

namespace matting {

HostFrameMemory::HostFrameMemory(uint32_t width, uint32_t height)
	: slot_bytes_(slot_bytes(width, height)), memory_(SharedMemory::create(slot_count * slot_bytes_))
{
}

void HostFramesMaker::begin(uint32_t width, uint32_t height)
{
	width_ = width;
	height_ = height;
	making_ = begin_apart([width, height] {
		return HostFrames{width, height, std::make_shared<const HostFrameMemory>(width, height),
				  std::vector<uint8_t>(slot_bytes(width, height))};
	});
}

// One at a time: a camera whose size changes all the time takes no memory for each of its sizes.
std::optional<HostFrames> HostFramesMaker::make(uint32_t width, uint32_t height)
{
	if (!making_.valid())
		begin(width, height);
	if (!is_ready(making_))
		return std::nullopt;
	if (width == width_ && height == height_)
		return making_.get();
	begin(width, height);
	return std::nullopt;
}

} // namespace matting
