// SPDX-License-Identifier: GPL-2.0-or-later
// The driver for NVIDIA cards, found at run time, as obs-nvenc does it: the plugin links nothing of CUDA and needs no
// toolkit to be built. What is used of cuda.h is declared here, under the names that the driver exports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

struct ID3D11Resource;
struct IDXGIAdapter;

namespace matting {
namespace cuda {

using Result = int;
using Device = int;
using Address = unsigned long long;
using Context = struct ContextTag *;
using Stream = struct StreamTag *;
using Event = struct EventTag *;
using Array = struct ArrayTag *;
using Resource = struct ResourceTag *;

inline constexpr Result success = 0;
inline constexpr Result invalid_graphics_context = 219;
inline constexpr Result unknown_error = 999;
inline constexpr int ipc_event_supported = 125;        // CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED
inline constexpr unsigned stream_non_blocking = 1;     // CU_STREAM_NON_BLOCKING
inline constexpr unsigned event_for_processes = 2 | 4; // CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS
inline constexpr unsigned all_gl_devices = 1;          // CU_GL_DEVICE_LIST_ALL
inline constexpr unsigned read_only = 1;               // CU_GRAPHICS_REGISTER_FLAGS_READ_ONLY
inline constexpr unsigned write_discard = 2;           // CU_GRAPHICS_REGISTER_FLAGS_WRITE_DISCARD

enum class MemoryType : int { host = 1, device = 2, array = 3 };

struct Uuid {
	uint8_t bytes[16];
};
struct IpcHandle { // of memory as of events
	uint8_t bytes[64];
};

struct Place { // one half of CUDA_MEMCPY2D
	size_t x_bytes = 0, y = 0;
	MemoryType type{};
	void *host = nullptr;
	Address device = 0;
	Array array = nullptr;
	size_t pitch = 0;
};
struct Copy2D { // CUDA_MEMCPY2D
	Place from, to;
	size_t width_bytes = 0, height = 0;
};

} // namespace cuda

/// The functions of the driver that the plugin uses. Thread-safety: safe.
struct CudaDriver {
	/// Loads the driver and starts it, which can take a second. Throws std::runtime_error: there is none, it is too
	/// old, or it cannot start.
	CudaDriver();
	CudaDriver(const CudaDriver &) = delete;
	CudaDriver &operator=(const CudaDriver &) = delete;

	/// Throws std::runtime_error in the driver's words: "copying the picture: out of memory (2)".
	void check(cuda::Result result, const char *doing) const;

	cuda::Result (*cuInit)(unsigned flags);
	cuda::Result (*cuGetErrorString)(cuda::Result, const char **text);
	cuda::Result (*cuDeviceGetCount)(int *count);
	cuda::Result (*cuDeviceGet)(cuda::Device *, int index);
	cuda::Result (*cuDeviceGetName)(char *name, int size, cuda::Device);
	cuda::Result (*cuDeviceGetUuid_v2)(cuda::Uuid *, cuda::Device);
	cuda::Result (*cuDeviceGetAttribute)(int *value, int attribute, cuda::Device);
	cuda::Result (*cuDevicePrimaryCtxRetain)(cuda::Context *, cuda::Device);
	cuda::Result (*cuDevicePrimaryCtxRelease_v2)(cuda::Device);
	cuda::Result (*cuCtxPushCurrent_v2)(cuda::Context);
	cuda::Result (*cuCtxPopCurrent_v2)(cuda::Context *);
	cuda::Result (*cuMemAlloc_v2)(cuda::Address *, size_t size);
	cuda::Result (*cuMemFree_v2)(cuda::Address);
	cuda::Result (*cuMemcpy2DAsync_v2)(const cuda::Copy2D *, cuda::Stream);
	cuda::Result (*cuIpcGetMemHandle)(cuda::IpcHandle *, cuda::Address);
	cuda::Result (*cuIpcGetEventHandle)(cuda::IpcHandle *, cuda::Event);
	cuda::Result (*cuStreamCreate)(cuda::Stream *, unsigned flags);
	cuda::Result (*cuStreamDestroy_v2)(cuda::Stream);
	cuda::Result (*cuEventCreate)(cuda::Event *, unsigned flags);
	cuda::Result (*cuEventRecord)(cuda::Event, cuda::Stream);
	cuda::Result (*cuEventDestroy_v2)(cuda::Event);
	cuda::Result (*cuGraphicsMapResources)(unsigned count, cuda::Resource *, cuda::Stream);
	cuda::Result (*cuGraphicsUnmapResources)(unsigned count, cuda::Resource *, cuda::Stream);
	cuda::Result (*cuGraphicsSubResourceGetMappedArray)(cuda::Array *, cuda::Resource, unsigned index,
							    unsigned level);
	cuda::Result (*cuGraphicsUnregisterResource)(cuda::Resource);
	// On Linux; else null.
	cuda::Result (*cuGLGetDevices_v2)(unsigned *count, cuda::Device *, unsigned room, unsigned list) = nullptr;
	cuda::Result (*cuGraphicsGLRegisterImage)(cuda::Resource *, unsigned image, unsigned target,
						  unsigned flags) = nullptr;
	// On Windows; else null.
	cuda::Result (*cuD3D11GetDevice)(cuda::Device *, IDXGIAdapter *) = nullptr;
	cuda::Result (*cuGraphicsD3D11RegisterResource)(cuda::Resource *, ID3D11Resource *, unsigned flags) = nullptr;
};

/// What differs between platforms: the driver's library, which stays loaded. Null: there is none.
void *open_cuda_driver();
/// Null: it has no such function.
void *find_cuda_function(void *driver, const char *name);

/// A device's primary context, which is the one that the CUDA runtime would use; kept alive. Thread-safety: safe.
class CudaContext {
public:
	/// Takes some 0.2 s if nothing else in the process uses the device. Throws std::runtime_error.
	CudaContext(std::shared_ptr<const CudaDriver> driver, cuda::Device device);
	~CudaContext();
	CudaContext(const CudaContext &) = delete;
	CudaContext &operator=(const CudaContext &) = delete;

	const CudaDriver &driver() const { return *driver_; }
	cuda::Device device() const { return device_; }
	cuda::Context get() const { return context_; }

private:
	const std::shared_ptr<const CudaDriver> driver_;
	const cuda::Device device_;
	cuda::Context context_ = nullptr;
};
using CudaContextPointer = std::shared_ptr<const CudaContext>;

/// Makes a context this thread's for a scope. Where that fails, the calls in the scope do, and say so.
class CurrentContext {
public:
	explicit CurrentContext(const CudaContext &context)
		: driver_(context.driver()), is_pushed_(driver_.cuCtxPushCurrent_v2(context.get()) == cuda::success)
	{
	}
	~CurrentContext()
	{
		cuda::Context context;
		if (is_pushed_)
			driver_.cuCtxPopCurrent_v2(&context);
	}
	CurrentContext(const CurrentContext &) = delete;
	CurrentContext &operator=(const CurrentContext &) = delete;

private:
	const CudaDriver &driver_;
	const bool is_pushed_;
};

/// Owns something that was made in a context and is destroyed there.
template<typename Handle, cuda::Result (*CudaDriver::*destroy)(Handle)> class CudaOwner {
public:
	CudaOwner() = default;
	CudaOwner(CudaContextPointer context, Handle handle) : context_(std::move(context)), handle_(handle) {}
	~CudaOwner()
	{
		if (!handle_)
			return;
		const CurrentContext current(*context_);
		(context_->driver().*destroy)(handle_);
	}
	CudaOwner(CudaOwner &&other) noexcept
		: context_(std::move(other.context_)), handle_(std::exchange(other.handle_, Handle{}))
	{
	}
	CudaOwner &operator=(CudaOwner &&other) noexcept
	{
		std::swap(context_, other.context_);
		std::swap(handle_, other.handle_);
		return *this;
	}

	Handle get() const { return handle_; }
	explicit operator bool() const { return handle_ != Handle{}; }

private:
	CudaContextPointer context_;
	Handle handle_{};
};

using CudaMemory = CudaOwner<cuda::Address, &CudaDriver::cuMemFree_v2>;
using CudaStream = CudaOwner<cuda::Stream, &CudaDriver::cuStreamDestroy_v2>;
using CudaEvent = CudaOwner<cuda::Event, &CudaDriver::cuEventDestroy_v2>;
/// A texture that CUDA may map. To be destroyed before the texture, with the graphics context held.
using CudaTexture = CudaOwner<cuda::Resource, &CudaDriver::cuGraphicsUnregisterResource>;

} // namespace matting
