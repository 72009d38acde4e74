// SPDX-License-Identifier: GPL-2.0-or-later
#include "frames.hpp"

#include "inference/cuda_library.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace matting {
namespace {

struct Size {
	uint32_t width, height;

	size_t bytes() const { return slot_bytes(width, height); }
	Picture picture(uint8_t *pixels, Device device) const
	{
		return {pixels, static_cast<int>(width), static_cast<int>(height), std::ptrdiff_t{4} * width, device};
	}
};

class HostFrames : public Frames {
public:
	HostFrames(Size size, int handle, const std::string &device)
		: size_(size), memory_(SharedMemory::map(handle, slot_count * size.bytes())), pinned_(pin(device))
	{
	}

	Picture picture(uint32_t slot) override
	{
		return size_.picture(memory_.data() + slot * size_.bytes(), Device::cpu);
	}
	Picture host_picture(uint32_t slot) override { return picture(slot); }

private:
	std::shared_ptr<void> pin(const std::string &device) const
	{
		if (!is_cuda(device))
			return nullptr;
		return cuda_backend().pin(find_cuda_device(device).index, memory_.data(), memory_.size());
	}

	const Size size_;
	const SharedMemory memory_;
	const std::shared_ptr<void> pinned_; // to the card's end of the way
};

class DeviceFrames : public Frames {
public:
	DeviceFrames(Size size, std::unique_ptr<CudaFrames> frames) : size_(size), frames_(std::move(frames)) {}

	Picture picture(uint32_t slot) override
	{
		frames_->wait(slot);
		return size_.picture(frames_->slot(slot), Device::cuda);
	}
	Picture host_picture(uint32_t slot) override
	{
		host_.resize(size_.bytes());
		frames_->wait(slot);
		frames_->read(slot, host_.data());
		return size_.picture(host_.data(), Device::cpu);
	}

private:
	const Size size_;
	const std::unique_ptr<CudaFrames> frames_;
	std::vector<uint8_t> host_; // made by the first capture
};

std::unique_ptr<Frames> open_device_frames(Size size, const CudaHandles &handles, const std::string &device)
{
	if (!is_cuda(device))
		throw Error("engine.no_card_frames",
			    "an engine on the device {} cannot use frames in a graphics card's memory", device);
	const int index = find_cuda_device(device).index;
	return std::make_unique<DeviceFrames>(size, cuda_backend().open_frames(index, handles, size.bytes()));
}

} // namespace

std::unique_ptr<Frames> open_frames(const Message &set_frames, int handle, const std::string &device)
{
	const Size size{set_frames.width, set_frames.height};
	if (std::min(size.width, size.height) < min_dimension || std::max(size.width, size.height) > max_dimension)
		throw std::runtime_error("frames of " + std::to_string(size.width) + "x" + std::to_string(size.height) +
					 " were announced");
	if (set_frames.memory == MemoryKind::host)
		return std::make_unique<HostFrames>(size, handle, device);
	if (set_frames.memory != MemoryKind::cuda || handle >= 0)
		throw std::runtime_error("frames in an unknown kind of memory were announced");
	return open_device_frames(size, set_frames.cuda, device);
}

} // namespace matting
