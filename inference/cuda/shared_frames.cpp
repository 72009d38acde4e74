// SPDX-License-Identifier: GPL-2.0-or-later
#include "shared_frames.hpp"

#include "cuda_memory.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <cuda.h>

namespace matting {
namespace {

static_assert(sizeof CudaHandles::memory == sizeof(cudaIpcMemHandle_t));
static_assert(sizeof CudaHandles::events[0] == sizeof(cudaIpcEventHandle_t));

/// The plugin's allocation, mapped here.
class Mapping {
public:
	explicit Mapping(const uint8_t (&bytes)[64])
	{
		cudaIpcMemHandle_t handle;
		std::memcpy(&handle, bytes, sizeof handle);
		check_cuda(cudaIpcOpenMemHandle(&data_, handle, cudaIpcMemLazyEnablePeerAccess), "opening the frames");
	}
	~Mapping() { cudaIpcCloseMemHandle(data_); }
	Mapping(const Mapping &) = delete;
	Mapping &operator=(const Mapping &) = delete;

	uint8_t *data() const { return static_cast<uint8_t *>(data_); }

private:
	void *data_ = nullptr;
};

/// The plugin's event, opened here.
class SharedEvent {
public:
	SharedEvent() = default;
	explicit SharedEvent(const uint8_t (&bytes)[64])
	{
		cudaIpcEventHandle_t handle;
		std::memcpy(&handle, bytes, sizeof handle);
		check_cuda(cudaIpcOpenEventHandle(&event_, handle), "opening the frames' events");
	}
	~SharedEvent()
	{
		if (event_)
			cudaEventDestroy(event_);
	}
	SharedEvent(SharedEvent &&other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
	SharedEvent &operator=(SharedEvent &&other) noexcept
	{
		std::swap(event_, other.event_);
		return *this;
	}

	cudaEvent_t get() const { return event_; }

private:
	cudaEvent_t event_ = nullptr;
};

class SharedFrames : public CudaFrames {
public:
	SharedFrames(int device, const CudaHandles &handles, size_t slot_bytes)
		: device_(device), slot_bytes_(slot_bytes), memory_(handles.memory),
		  stream_(cuda::make_low_priority_stream()),
		  arrived_(cuda::make_event(cudaEventBlockingSync | cudaEventDisableTiming))
	{
		for (uint32_t i = 0; i < slot_count; i++)
			events_[i] = SharedEvent(handles.events[i]);
	}
	~SharedFrames() override { cudaSetDevice(device_); } // the members close what belongs to it

	uint8_t *slot(uint32_t slot) const override { return memory_.data() + slot * slot_bytes_; }

	// The plugin's event would be waited for by spinning; the card waits for it, and this thread asleep for the card.
	void wait(uint32_t slot) const override
	{
		check_cuda(cudaSetDevice(device_), "choosing the device");
		check_cuda(cudaStreamWaitEvent(stream_.get(), events_.at(slot).get(), 0), "waiting for a frame");
		check_cuda(cudaEventRecord(arrived_.get(), stream_.get()), "waiting for a frame");
		check_cuda(cudaEventSynchronize(arrived_.get()), "waiting for a frame");
	}

	void read(uint32_t slot, uint8_t *pixels) const override
	{
		check_cuda(cudaSetDevice(device_), "choosing the device");
		check_cuda(cudaMemcpy(pixels, this->slot(slot), slot_bytes_, cudaMemcpyDeviceToHost),
			   "reading a frame");
	}

	uint8_t *data() const { return memory_.data(); }

private:
	const int device_;
	const size_t slot_bytes_;
	const Mapping memory_;
	std::array<SharedEvent, slot_count> events_;
	const cuda::Stream stream_;
	const cuda::Event arrived_;
};

void require_device(int device, const uint8_t (&uuid)[16])
{
	cudaDeviceProp properties;
	check_cuda(cudaGetDeviceProperties(&properties, device), "asking for the device");
	static_assert(sizeof properties.uuid == sizeof uuid);
	if (std::memcmp(&properties.uuid, uuid, sizeof uuid) != 0)
		throw Error("engine.frames_elsewhere", "the frames lie on another graphics card than the model");
}

// How much the plugin has really allocated there. By the driver, of which the runtime knows the address.
size_t allocated_bytes(const uint8_t *data)
{
	void *function = nullptr;
	cudaDriverEntryPointQueryResult found;
	check_cuda(
		cudaGetDriverEntryPointByVersion("cuMemGetAddressRange", &function, 12000, cudaEnableDefault, &found),
		"asking the driver");
	CUdeviceptr begin = 0;
	size_t size = 0;
	const auto get_address_range = reinterpret_cast<CUresult (*)(CUdeviceptr *, size_t *, CUdeviceptr)>(function);
	const auto address = reinterpret_cast<CUdeviceptr>(data);
	if (found != cudaDriverEntryPointSuccess || get_address_range(&begin, &size, address) != CUDA_SUCCESS)
		throw Error("engine.frames_unknown", "the size of the frames' memory cannot be found out");
	return begin + size - address;
}

} // namespace

std::unique_ptr<CudaFrames> open_shared_frames(int device, const CudaHandles &handles, size_t slot_bytes)
{
	require_device(device, handles.device);
	check_cuda(cudaSetDevice(device), "choosing the device");
	auto frames = std::make_unique<SharedFrames>(device, handles, slot_bytes);
	if (allocated_bytes(frames->data()) < slot_count * slot_bytes)
		throw Error("engine.frames_too_small", "the memory for frames is smaller than its {} bytes",
			    slot_count * slot_bytes);
	return frames;
}

} // namespace matting
