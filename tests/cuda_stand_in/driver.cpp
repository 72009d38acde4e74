// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.hpp"
#include "opengl.hpp"

#include "plugin/frames/cuda_driver.hpp"

#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace matting::cuda;
using namespace cuda_stand_in::opengl;
using cuda_stand_in::Handle;
using cuda_stand_in::Shared;

#pragma GCC visibility push(default)
extern "C" {
cuda_stand_in::Switches stand_in;
}
#pragma GCC visibility pop

namespace matting::cuda {
struct EventTag {
	Handle handle;
	Shared *shared;
};
struct ResourceTag {
	unsigned texture;
	bool is_mapped = false;
};
} // namespace matting::cuda

namespace {

constexpr Result invalid_value = 1, invalid_context = 201, not_mapped = 211;

thread_local int contexts = 0; // pushed

struct Allocation {
	Handle handle;
	uint8_t *data;
};
std::mutex mutex;
std::map<Address, Allocation> allocations;

Result mistake(const char *what, Result result = invalid_value)
{
	std::fprintf(stderr, "CUDA stand-in: %s\n", what);
	stand_in.mistakes++;
	return result;
}

Result require_context()
{
	return contexts > 0 ? success : mistake("a call without a context", invalid_context);
}

uint8_t *share(size_t size, Handle &handle)
{
	handle = {getpid(), memfd_create("CUDA stand-in", MFD_CLOEXEC), size};
	if (ftruncate(handle.file, static_cast<off_t>(size + sizeof(Shared))) != 0)
		return nullptr;
	return static_cast<uint8_t *>(
		mmap(nullptr, size + sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, handle.file, 0));
}

Result copy_plainly(const Copy2D &copy)
{
	const auto begin = [](const Place &place) {
		return place.type == MemoryType::host ? static_cast<uint8_t *>(place.host)
						      : reinterpret_cast<uint8_t *>(place.device);
	};
	for (size_t y = 0; y < copy.height; y++)
		std::memcpy(begin(copy.to) + y * copy.to.pitch, begin(copy.from) + y * copy.from.pitch,
			    copy.width_bytes);
	return require_context();
}

Result copy_texture(ResourceTag *resource, uint8_t *memory, bool to_texture, const Copy2D &copy)
{
	if (!resource->is_mapped)
		return mistake("a copy of a texture that is not mapped", not_mapped);
	const Bound bound(resource->texture);
	const int width = level(level_width), height = level(level_height);
	if (copy.width_bytes != size_t{4} * width || copy.height != static_cast<size_t>(height))
		return mistake("a copy of another size than the texture's");
	if (to_texture)
		gl<void(unsigned, int, int, int, int, int, unsigned, unsigned, const void *)>("glTexSubImage2D")(
			texture_2d, 0, 0, 0, width, height, rgba, bytes, memory);
	else
		gl<void(unsigned, int, unsigned, unsigned, void *)>("glGetTexImage")(texture_2d, 0, rgba, bytes,
										     memory);
	return success;
}

} // namespace

#pragma GCC visibility push(default)
extern "C" {

Result cuInit(unsigned)
{
	while (stand_in.is_held)
		usleep(1000);
	return stand_in.start_result;
}
Result cuGetErrorString(Result, const char **text)
{
	*text = "an error of the stand-in";
	return success;
}
Result cuDeviceGetCount(int *count)
{
	*count = 1;
	return success;
}
Result cuDeviceGet(Device *device, int index)
{
	*device = 40 + index; // not the index
	return success;
}
Result cuDeviceGetName(char *name, int size, Device)
{
	std::snprintf(name, size, "Stand-in");
	return success;
}
Result cuDeviceGetUuid_v2(Uuid *uuid, Device)
{
	std::memset(uuid, 7, sizeof *uuid);
	return success;
}
Result cuDeviceGetAttribute(int *value, int attribute, Device)
{
	*value = attribute == ipc_event_supported;
	return success;
}
Result cuDevicePrimaryCtxRetain(Context *context, Device)
{
	*context = reinterpret_cast<Context>(&stand_in);
	return success;
}
Result cuDevicePrimaryCtxRelease_v2(Device)
{
	return success;
}
Result cuCtxPushCurrent_v2(Context)
{
	contexts++;
	return success;
}
Result cuCtxPopCurrent_v2(Context *)
{
	return --contexts >= 0 ? success : mistake("a context too many was popped", invalid_context);
}

Result cuMemAlloc_v2(Address *address, size_t size)
{
	Allocation allocation;
	allocation.data = share(size, allocation.handle);
	*address = reinterpret_cast<Address>(allocation.data);
	const std::lock_guard lock(mutex);
	allocations[*address] = allocation;
	stand_in.allocations++;
	return require_context();
}
Result cuMemFree_v2(Address address)
{
	const std::lock_guard lock(mutex);
	const auto found = allocations.find(address);
	if (found == allocations.end())
		return mistake("memory was freed that is not there");
	const Allocation allocation = found->second;
	if (flock(allocation.handle.file, LOCK_EX | LOCK_NB) != 0)
		mistake("memory was freed that the engine has open");
	munmap(allocation.data, allocation.handle.size + sizeof(Shared));
	close(allocation.handle.file);
	allocations.erase(found);
	stand_in.allocations--;
	return require_context();
}
Result cuIpcGetMemHandle(IpcHandle *handle, Address address)
{
	const std::lock_guard lock(mutex);
	std::memcpy(handle, &allocations.at(address).handle, sizeof(Handle));
	return require_context();
}

Result cuStreamCreate(Stream *stream, unsigned)
{
	*stream = reinterpret_cast<Stream>(&stand_in);
	return require_context();
}
Result cuStreamDestroy_v2(Stream)
{
	return require_context();
}
Result cuEventCreate(Event *event, unsigned flags)
{
	*event = new EventTag;
	(*event)->shared = reinterpret_cast<Shared *>(share(0, (*event)->handle));
	return flags == event_for_processes ? require_context() : mistake("an event that cannot be shared");
}
Result cuEventRecord(Event event, Stream)
{
	event->shared->count++;
	return require_context();
}
Result cuEventDestroy_v2(Event event)
{
	munmap(event->shared, sizeof(Shared));
	close(event->handle.file);
	delete event;
	return require_context();
}
Result cuIpcGetEventHandle(IpcHandle *handle, Event event)
{
	std::memcpy(handle, &event->handle, sizeof(Handle));
	return require_context();
}

Result cuGLGetDevices_v2(unsigned *count, Device *devices, unsigned, unsigned)
{
	*count = 1;
	*devices = 40;
	return stand_in.graphics_result;
}
Result cuGraphicsGLRegisterImage(Resource *resource, unsigned texture, unsigned target, unsigned)
{
	if (target != texture_2d || !exists(texture))
		return mistake("something was registered that is no texture");
	const Bound bound(texture);
	const auto format = static_cast<unsigned>(level(level_format));
	if (format != rgba8 && format != rgba)
		return mistake("a texture was registered whose format CUDA does not know");
	*resource = new ResourceTag{texture};
	return require_context();
}
Result cuGraphicsUnregisterResource(Resource resource)
{
	if (!exists(resource->texture))
		mistake("a texture died before it was unregistered");
	delete resource;
	return require_context();
}
Result cuGraphicsMapResources(unsigned, Resource *resource, Stream)
{
	if (std::exchange((*resource)->is_mapped, true))
		return mistake("a texture was mapped twice");
	return require_context();
}
Result cuGraphicsUnmapResources(unsigned, Resource *resource, Stream)
{
	(*resource)->is_mapped = false;
	return require_context();
}
Result cuGraphicsSubResourceGetMappedArray(Array *array, Resource resource, unsigned, unsigned)
{
	*array = reinterpret_cast<Array>(resource);
	return require_context();
}
Result cuMemcpy2DAsync_v2(const Copy2D *copy, Stream)
{
	if (stand_in.copy_result != success)
		return stand_in.copy_result;
	if (copy->from.type != MemoryType::array && copy->to.type != MemoryType::array)
		return copy_plainly(*copy);
	stand_in.copies++;
	const bool to_texture = copy->to.type == MemoryType::array;
	const Place &texture = to_texture ? copy->to : copy->from, &memory = to_texture ? copy->from : copy->to;
	if (memory.type != MemoryType::device || texture.type != MemoryType::array || memory.pitch != copy->width_bytes)
		return mistake("a copy that is not between a texture and a slot");
	if (const Result result = require_context())
		return result;
	return copy_texture(reinterpret_cast<ResourceTag *>(texture.array), reinterpret_cast<uint8_t *>(memory.device),
			    to_texture, *copy);
}
}
#pragma GCC visibility pop
