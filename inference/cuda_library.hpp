// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that needs CUDA, in a shared library beside the program that is loaded when a CUDA device is asked for:
// one build runs with and without NVIDIA. This is the seam between the two; it names no type of CUDA and none of
// LibTorch.
#pragma once

#include "matting.hpp"

#include "inference/wire/protocol.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace matting {

class FastDevice;
class FinishingSteps;

/// A device cannot do it: it is too old, has too little memory, computes nonsense, or what it needs is not installed.
struct DeviceError : Error {
	using Error::Error;
};

/// A device's context is lost, and with it everything this process does with CUDA: only a new process can go on.
struct DeviceLost : DeviceError {
	using DeviceError::DeviceError;
};

struct CudaDevice {
	int index = 0; ///< N of cuda:N
	std::string name;
	std::array<uint8_t, 16> uuid{};
	size_t memory_bytes = 0;
	int capability_major = 0, capability_minor = 0;

	/// The kernels need tensor cores of Turing (2018) or newer.
	bool is_supported() const { return 10 * capability_major + capability_minor >= 75; }
	/// To a user, of one that is not supported; see Note [Sentences].
	std::string objection() const
	{
		return Error::sentence("engine.old_card",
				       "the graphics card {} is too old: CUDA needs Turing (GTX 16, RTX 20) or newer "
				       "here; use the device cpu",
				       name);
	}
};

/// Frames that the plugin keeps in a device's memory, opened by this process, until destruction.
/// Thread-safety: none.
class CudaFrames {
public:
	virtual ~CudaFrames() = default;

	/// Device memory: RGBA8, rows of 4 * width bytes.
	virtual uint8_t *slot(uint32_t slot) const = 0;
	/// Sleeps until the plugin's copy into the slot is complete. Wants to be called once for each `frame` that
	/// came.
	virtual void wait(uint32_t slot) const = 0;
	/// Copies the slot to host memory of the same layout, and waits for that.
	virtual void read(uint32_t slot, uint8_t *pixels) const = 0;
};

/// What the shared library does. All members throw Error; DeviceLost when nothing will work any more.
/// Thread-safety: safe.
class CudaBackend {
public:
	virtual ~CudaBackend() = default;

	/// In the order of their numbers, never empty.
	virtual std::vector<CudaDevice> devices() const = 0;
	/// Opens what a `set_frames` announced: slots of `slot_bytes`. Refuses handles of another device and memory
	/// that is smaller than that.
	virtual std::unique_ptr<CudaFrames> open_frames(int device, const CudaHandles &handles,
							size_t slot_bytes) const = 0;
	/// A copy in the device's memory, rows of 4 * width bytes.
	virtual std::shared_ptr<uint8_t> upload(int device, const Picture &picture) const = 0;
	/// Copies the rows `first`, `first + every`, ... of a picture in the device's memory to their places in one of the same
	/// size on the CPU, and waits for that.
	virtual void read_rows(int device, const Picture &from, int first, int every, const Picture &to) const = 0;
	/// Copies a whole picture to one of the same size in the device's memory, and waits for that.
	virtual void write(int device, const Picture &from, const Picture &to) const = 0;
	/// Lets the device read and write the process's own memory without a detour, for as long as what it returns lives. Null
	/// where that cannot be had: then it takes longer.
	virtual std::shared_ptr<void> pin(int device, uint8_t *memory, size_t bytes) const = 0;
	/// Whether the device still does anything for this process. Does not throw.
	virtual bool answers(int device) const = 0;
	/// `half`: computes in fp16.
	virtual std::unique_ptr<FastDevice> make_device(int device, bool half) const = 0;
	/// For pictures in the device's memory.
	virtual std::unique_ptr<FinishingSteps> make_finishing(int device) const = 0;
};

/// What program and library must agree on: the classes above, device.hpp and the release.
inline constexpr const char *cuda_interface = MATTING_VERSION ", CUDA interface 6";

/// Loads the library from the program's folder, once, and keeps it. Throws Error: it is not installed, cannot be
/// loaded, or is of another release. Thread-safety: safe.
const CudaBackend &cuda_backend();

/// Whether `device` is written as a CUDA device: cuda or cuda:N.
bool is_cuda(const std::string &device);

struct CudaChoice {
	int index = -1;     ///< N of cuda:N; -1: the CPU
	std::string reason; ///< why `auto` is the CPU although there is a driver for cards; or empty
};

/// What `device` (auto, cpu, cuda or cuda:N) stands for: auto is the first card that is supported, if there is one. Throws
/// Error where there is none such.
CudaChoice choose_cuda_device(const std::string &device);

/// Starts the card N of cuda:N, by uploading one pixel: what its driver needs of the system, it has from then on, whatever this
/// process shuts itself out of. Throws Error.
void start_cuda_device(int index);

/// Says on stderr why the CPU is used, if `reason` is not empty; for the command line.
void tell_fallback(const std::string &reason);

/// The device that `device`, cuda or cuda:N, stands for. Throws Error where there is none such.
CudaDevice find_cuda_device(const std::string &device);

} // namespace matting
