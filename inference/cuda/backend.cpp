// SPDX-License-Identifier: GPL-2.0-or-later
// The shared library's only symbol, and what stands behind it.
#include "cuda_finishing.hpp"
#include "cuda_memory.hpp"
#include "make_device.hpp"
#include "shared_frames.hpp"

#include "inference/fast/device.hpp"
#include "inference/finishing_steps.hpp"
#include "inference/program_part.hpp"

#include <cstring>
#include <fstream>
#include <string_view>

namespace matting {
namespace {

constexpr const char *needed_driver = "580"; // NVIDIA, CUDA compatibility: the first for this major version
static_assert(CUDART_VERSION / 1000 == 13);

[[noreturn]] void refuse_driver()
{
	std::string release;
	std::ifstream("/sys/module/nvidia/version") >> release;
	if (release.empty())
		release = "?";
	throw Error(
		"engine.old_driver",
		"the NVIDIA driver {} is too old for CUDA {}, which needs {} or newer: update it, or use the device cpu",
		release, CUDART_VERSION / 1000, needed_driver);
}

CudaDevice describe(int index)
{
	cudaDeviceProp properties;
	check_cuda(cudaGetDeviceProperties(&properties, index), "asking for the devices");
	CudaDevice device{index, properties.name, {}, properties.totalGlobalMem, properties.major, properties.minor};
	static_assert(sizeof properties.uuid == sizeof device.uuid);
	std::memcpy(device.uuid.data(), &properties.uuid, sizeof properties.uuid);
	return device;
}

class Backend : public CudaBackend {
public:
	std::vector<CudaDevice> devices() const override
	{
		int count = 0;
		const cudaError_t result = cudaGetDeviceCount(&count);
		int driver = 0; // the CUDA version that it knows; 0: there is none
		if (result == cudaErrorInsufficientDriver && cudaDriverGetVersion(&driver) == cudaSuccess && driver > 0)
			refuse_driver();
		if (result == cudaErrorInsufficientDriver)
			throw Error(
				"engine.no_driver",
				"there is no driver for NVIDIA graphics cards, which CUDA needs: use the device cpu");
		if (result == cudaErrorNoDevice || (result == cudaSuccess && count == 0))
			throw Error(
				"engine.no_card",
				"there is no NVIDIA graphics card in this machine that CUDA can use: use the device "
				"cpu");
		check_cuda(result, "looking for devices");
		std::vector<CudaDevice> devices;
		for (int i = 0; i < count; i++)
			devices.push_back(describe(i));
		return devices;
	}

	std::unique_ptr<CudaFrames> open_frames(int device, const CudaHandles &handles,
						size_t slot_bytes) const override
	{
		return open_shared_frames(device, handles, slot_bytes);
	}

	std::shared_ptr<uint8_t> upload(int device, const Picture &picture) const override
	{
		check_cuda(cudaSetDevice(device), "choosing the device");
		const size_t row = size_t{4} * picture.width;
		const auto memory = cuda::allocate_scratch(row * picture.height, "a picture");
		check_cuda(cudaMemcpy2D(memory.get(), row, picture.pixels, picture.pitch, row, picture.height,
					cudaMemcpyHostToDevice),
			   "uploading a picture");
		cuda::finish_default_stream("uploading a picture");
		return {memory, static_cast<uint8_t *>(memory.get())};
	}

	void read_rows(int device, const Picture &from, int first, int every, const Picture &to) const override
	{
		check_cuda(cudaSetDevice(device), "choosing the device");
		const int rows = (from.height - first + every - 1) / every;
		check_cuda(cudaMemcpy2D(to.pixels + first * to.pitch, every * to.pitch,
					from.pixels + first * from.pitch, every * from.pitch, size_t{4} * from.width,
					rows, cudaMemcpyDeviceToHost),
			   "looking at a picture");
	}

	void write(int device, const Picture &from, const Picture &to) const override
	{
		check_cuda(cudaSetDevice(device), "choosing the device");
		check_cuda(cudaMemcpy2D(to.pixels, to.pitch, from.pixels, from.pitch, size_t{4} * from.width,
					from.height, cudaMemcpyHostToDevice),
			   "writing a picture");
		cuda::finish_default_stream("writing a picture");
	}

	std::shared_ptr<void> pin(int device, uint8_t *memory, size_t bytes) const override
	{
		check_cuda(cudaSetDevice(device), "choosing the device");
		if (cudaHostRegister(memory, bytes, cudaHostRegisterPortable) == cudaSuccess)
			return {memory, [](void *pinned) {
					cudaHostUnregister(pinned);
				}};
		cudaGetLastError(); // it is slower, and works
		return nullptr;
	}

	bool answers(int device) const override
	{
		const bool is_there = is_harmless(cudaSetDevice(device));
		cudaGetLastError();
		return is_there && device_answers();
	}

	// Not with cudaDeviceScheduleBlockingSync, by which all waits of the device would sleep: an interrupt comes a tenth of a
	// millisecond late, and each frame copies a few rows that are there sooner. What takes longer sleeps by itself: FrameEnd,
	// QuietWait.
	std::unique_ptr<FastDevice> make_device(int device, bool half) const override
	{
		const CudaDevice described = describe(device);
		if (!described.is_supported())
			throw Error(described.objection());
		return make_cuda_device(device, half);
	}

	std::unique_ptr<FinishingSteps> make_finishing(int device) const override
	{
		return make_cuda_finishing(device);
	}
};

} // namespace
} // namespace matting

MATTING_PART_ENTRY const void *background_matting_cuda(const char *version)
{
	static const matting::Backend backend;
	const matting::CudaBackend &part = backend;
	return std::string_view(version) == matting::cuda_interface ? &part : nullptr;
}
