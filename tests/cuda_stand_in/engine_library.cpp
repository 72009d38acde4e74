// SPDX-License-Identifier: GPL-2.0-or-later
// In the place of the engine's CUDA part: opens the frames of the stand-in's driver, computes on the CPU.
#include "driver.hpp"
#include "faulty_device.hpp"
#include "kernel_part.hpp"

#include "inference/cuda_library.hpp"
#include "inference/fast/device.hpp"
#include "inference/finishing_steps.hpp"

#include <cstdlib>
#include <cstring>
#include <string_view>

#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

namespace matting {
namespace {

using cuda_stand_in::Handle;
using cuda_stand_in::Shared;

/// What the driver has shared, open here.
class Mapping {
public:
	explicit Mapping(const uint8_t (&bytes)[64])
	{
		std::memcpy(&handle_, bytes, sizeof handle_);
		file_ = cuda_stand_in::kernel_part().open(handle_.process, handle_.file);
		if (file_ < 0)
			throw Error("the memory of the stand-in cannot be opened");
		flock(file_, LOCK_SH); // for as long as it is open, and not longer than this process lives
		data_ = static_cast<uint8_t *>(
			mmap(nullptr, handle_.size + sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0));
	}
	~Mapping()
	{
		munmap(data_, handle_.size + sizeof(Shared));
		close(file_);
	}
	Mapping(const Mapping &) = delete;
	Mapping &operator=(const Mapping &) = delete;

	uint8_t *data() const { return data_; }
	size_t size() const { return handle_.size; }
	uint32_t count() const { return reinterpret_cast<const Shared *>(data_ + handle_.size)->count; }

private:
	Handle handle_{};
	int file_ = -1;
	uint8_t *data_ = nullptr;
};

class StandInFrames : public CudaFrames {
public:
	StandInFrames(const CudaHandles &handles, size_t slot_bytes)
		: slot_bytes_(slot_bytes),
		  memory_(handles.memory), events_{Mapping(handles.events[0]), Mapping(handles.events[1]),
						   Mapping(handles.events[2])}
	{
		if (memory_.size() < slot_count * slot_bytes)
			throw Error("the memory of the stand-in is too small");
	}

	uint8_t *slot(uint32_t slot) const override { return memory_.data() + slot * slot_bytes_; }
	void wait(uint32_t slot) const override
	{
		if (std::getenv("STAND_IN_IS_LOST"))
			throw DeviceLost("the stand-in is lost");
		const uint32_t recorded = events_[slot].count();
		if (recorded == waited_[slot])
			throw Error("a frame came without its event");
		waited_[slot] = recorded;
	}
	void read(uint32_t slot, uint8_t *pixels) const override { std::memcpy(pixels, this->slot(slot), slot_bytes_); }

private:
	const size_t slot_bytes_;
	const Mapping memory_;
	const std::array<Mapping, slot_count> events_;
	mutable std::array<uint32_t, slot_count> waited_{};
};

/// What the device is to fail with: see FaultyDevice; driver: it is too old; age: the card is.
std::string fault()
{
	const char *fault = std::getenv("STAND_IN_FAULT");
	return fault ? fault : "";
}

class StandIn : public CudaBackend {
public:
	std::vector<CudaDevice> devices() const override
	{
		if (fault() == "driver")
			throw Error("the NVIDIA driver 535.1 is too old for CUDA 13, which needs 580 or newer");
		return {{0, "Stand-in", {}, size_t{1} << 30, fault() == "age" ? 6 : 9, 0}};
	}
	std::unique_ptr<CudaFrames> open_frames(int, const CudaHandles &handles, size_t slot_bytes) const override
	{
		if (std::getenv("STAND_IN_REFUSES_FRAMES"))
			throw Error("the stand-in opens no frames");
		return std::make_unique<StandInFrames>(handles, slot_bytes);
	}
	std::shared_ptr<uint8_t> upload(int, const Picture &picture) const override
	{
		const size_t row = size_t{4} * picture.width;
		std::shared_ptr<uint8_t> copy(new uint8_t[row * picture.height], std::default_delete<uint8_t[]>());
		for (int y = 0; y < picture.height; y++)
			std::memcpy(copy.get() + y * row, picture.pixels + y * picture.pitch, row);
		return copy;
	}
	void read_rows(int, const Picture &from, int first, int every, const Picture &to) const override
	{
		for (int y = first; y < from.height; y += every)
			std::memcpy(to.pixels + y * to.pitch, from.pixels + y * from.pitch, size_t{4} * from.width);
	}
	void write(int device, const Picture &from, const Picture &to) const override
	{
		read_rows(device, from, 0, 1, to);
	}
	std::shared_ptr<void> pin(int, uint8_t *, size_t) const override { return nullptr; }
	bool answers(int) const override { return fault() != "torch_lost"; }
	std::unique_ptr<FastDevice> make_device(int, bool) const override
	{
		return std::make_unique<FaultyDevice>(fault());
	}
	std::unique_ptr<FinishingSteps> make_finishing(int) const override { return make_cpu_finishing(); }
};

} // namespace
} // namespace matting

extern "C" __attribute__((visibility("default"))) const void *background_matting_cuda(const char *version)
{
	cuda_stand_in::kernel_part();
	static const matting::StandIn backend;
	const matting::CudaBackend &part = backend;
	return std::string_view(version) == matting::cuda_interface ? &part : nullptr;
}
