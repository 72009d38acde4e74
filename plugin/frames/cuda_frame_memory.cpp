// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_frame_memory.hpp"

#include "inference/wire/protocol.hpp"

#include <cstring>

namespace matting {
namespace {

void require_sharing(const CudaContext &context)
{
	int is_supported = 0;
	const CudaDriver &driver = context.driver();
	driver.check(driver.cuDeviceGetAttribute(&is_supported, cuda::ipc_event_supported, context.device()),
		     "asking what the graphics card can do");
	if (!is_supported)
		throw Error("card.no_sharing", "the graphics card cannot share memory between programs");
}

} // namespace

CudaFrameMemory::CudaFrameMemory(const CudaContextPointer &context, uint32_t width, uint32_t height)
	: slot_bytes_(slot_bytes(width, height))
{
	require_sharing(*context);
	make_memory(context);
	for (uint32_t i = 0; i < slot_count; i++)
		make_event(context, i);
	const CudaDriver &driver = context->driver();
	cuda::Uuid uuid;
	driver.check(driver.cuDeviceGetUuid_v2(&uuid, context->device()), "asking for the graphics card's id");
	std::memcpy(handles_.device, uuid.bytes, sizeof uuid.bytes);
}

void CudaFrameMemory::make_memory(const CudaContextPointer &context)
{
	constexpr size_t page = 2 << 20; // whole ones: what shares a page with it would be exported, too
	const size_t size = (slot_count * slot_bytes_ + page - 1) / page * page;
	const CudaDriver &driver = context->driver();
	cuda::Address address = 0;
	driver.check(driver.cuMemAlloc_v2(&address, size), "getting graphics memory for the frames");
	memory_ = {context, address};
	cuda::IpcHandle handle;
	driver.check(driver.cuIpcGetMemHandle(&handle, address), "sharing graphics memory");
	std::memcpy(handles_.memory, handle.bytes, sizeof handle.bytes);
}

void CudaFrameMemory::make_event(const CudaContextPointer &context, uint32_t index)
{
	const CudaDriver &driver = context->driver();
	cuda::Event event = nullptr;
	driver.check(driver.cuEventCreate(&event, cuda::event_for_processes), "making an event");
	events_[index] = {context, event};
	cuda::IpcHandle handle;
	driver.check(driver.cuIpcGetEventHandle(&handle, event), "sharing an event");
	std::memcpy(handles_.events[index], handle.bytes, sizeof handle.bytes);
}

void CudaFrameMemory::describe(Message &set_frames) const
{
	set_frames.memory = MemoryKind::cuda;
	set_frames.cuda = handles_;
}

} // namespace matting
