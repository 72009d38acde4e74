// SPDX-License-Identifier: GPL-2.0-or-later
// Owners of what CUDA gives out. They belong to the device that is current when they are made.
#pragma once

#include "cuda_error.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <utility>

namespace matting::cuda {

/// What goes by the default stream, fills and copies from the host, may be on its way when the call returns, and the
/// streams here do not wait for it.
inline void finish_default_stream(const char *what)
{
	check_cuda(cudaStreamSynchronize(cudaStreamLegacy), what);
}

/// What this process has of the devices' memory at the moment.
inline std::atomic<size_t> allocated_bytes = 0;

/// As it comes: whoever reads it before it is written reads anything.
inline std::shared_ptr<void> allocate_unset(size_t bytes, const char *what)
{
	int device = 0;
	check_cuda(cudaGetDevice(&device), what);
	void *data = nullptr;
	check_cuda(cudaMalloc(&data, bytes), what);
	allocated_bytes += bytes;
	// The last holder may be at work on another device.
	std::shared_ptr<void> memory(data, [device, bytes](void *held) {
		allocated_bytes -= bytes;
		int other = device;
		cudaGetDevice(&other);
		cudaSetDevice(device);
		cudaFree(held);
		cudaSetDevice(other);
	});
	return memory;
}

/// Zeroed.
inline std::shared_ptr<void> allocate(size_t bytes, const char *what)
{
	auto memory = allocate_unset(bytes, what);
	check_cuda(cudaMemset(memory.get(), 0, bytes), what);
	finish_default_stream(what);
	return memory;
}

/// To be written before it is read. Zeroed too, so that a mistake is at least the same each time; not with
/// MATTING_UNSET_MEMORY in the environment, so that compute-sanitizer's initcheck can find it.
inline std::shared_ptr<void> allocate_scratch(size_t bytes, const char *what)
{
	static const bool is_left_unset = std::getenv("MATTING_UNSET_MEMORY");
	return is_left_unset ? allocate_unset(bytes, what) : allocate(bytes, what);
}

/// A handle with a function that ends it.
template<typename Handle, cudaError_t (*destroy)(Handle)> class Owner {
public:
	Owner() = default;
	explicit Owner(Handle handle) : handle_(handle) {}
	~Owner()
	{
		if (handle_)
			destroy(handle_);
	}
	Owner(Owner &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
	Owner &operator=(Owner &&other) noexcept
	{
		std::swap(handle_, other.handle_);
		return *this;
	}
	Handle get() const { return handle_; }
	explicit operator bool() const { return handle_ != nullptr; }

private:
	Handle handle_ = nullptr;
};
using Stream = Owner<cudaStream_t, cudaStreamDestroy>;
using Event = Owner<cudaEvent_t, cudaEventDestroy>;
using Graph = Owner<cudaGraph_t, cudaGraphDestroy>;
using GraphExec = Owner<cudaGraphExec_t, cudaGraphExecDestroy>;

inline Event make_event(unsigned flags)
{
	cudaEvent_t event;
	check_cuda(cudaEventCreateWithFlags(&event, flags), "making an event");
	return Event(event);
}

/// Waits asleep for what a stream has been told so far: for what takes longer than an interrupt is late. Made with its device
/// current.
class QuietWait {
public:
	void await(cudaStream_t stream, const char *doing) const
	{
		check_cuda(cudaEventRecord(done_.get(), stream), doing);
		check_cuda(cudaEventSynchronize(done_.get()), doing);
	}

private:
	const Event done_ = make_event(cudaEventBlockingSync | cudaEventDisableTiming);
};

/// Of the lowest priority among the streams of this process.
inline Stream make_low_priority_stream()
{
	int lowest = 0, highest = 0;
	check_cuda(cudaDeviceGetStreamPriorityRange(&lowest, &highest), "asking for priorities");
	cudaStream_t stream;
	check_cuda(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, lowest), "making a stream");
	return Stream(stream);
}

} // namespace matting::cuda
