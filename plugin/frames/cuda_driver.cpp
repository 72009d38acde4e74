// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_driver.hpp"

#include "inference/wire/protocol.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace matting {
namespace {

constexpr cuda::Result driver_mismatch = 803; // CUDA_ERROR_SYSTEM_DRIVER_MISMATCH

template<typename Function> bool find_optional(void *driver, Function *&function, const char *name)
{
	function = reinterpret_cast<Function *>(find_cuda_function(driver, name));
	return function;
}

template<typename Function> void find(void *driver, Function *&function, const char *name)
{
	if (!find_optional(driver, function, name))
		throw Error("card.old_driver", "the driver of the graphics card has no {}: install a newer one", name);
}

void find_functions(void *driver, CudaDriver &table)
{
	find(driver, table.cuInit, "cuInit");
	find(driver, table.cuGetErrorString, "cuGetErrorString");
	find(driver, table.cuDeviceGetCount, "cuDeviceGetCount");
	find(driver, table.cuDeviceGet, "cuDeviceGet");
	find(driver, table.cuDeviceGetName, "cuDeviceGetName");
	find(driver, table.cuDeviceGetUuid_v2, "cuDeviceGetUuid_v2");
	find(driver, table.cuDeviceGetAttribute, "cuDeviceGetAttribute");
	find(driver, table.cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain");
	find(driver, table.cuDevicePrimaryCtxRelease_v2, "cuDevicePrimaryCtxRelease_v2");
	find(driver, table.cuCtxPushCurrent_v2, "cuCtxPushCurrent_v2");
	find(driver, table.cuCtxPopCurrent_v2, "cuCtxPopCurrent_v2");
	find(driver, table.cuMemAlloc_v2, "cuMemAlloc_v2");
	find(driver, table.cuMemFree_v2, "cuMemFree_v2");
	find(driver, table.cuMemcpy2DAsync_v2, "cuMemcpy2DAsync_v2");
	find(driver, table.cuIpcGetMemHandle, "cuIpcGetMemHandle");
	find(driver, table.cuIpcGetEventHandle, "cuIpcGetEventHandle");
	find(driver, table.cuStreamCreate, "cuStreamCreate");
	find(driver, table.cuStreamDestroy_v2, "cuStreamDestroy_v2");
	find(driver, table.cuEventCreate, "cuEventCreate");
	find(driver, table.cuEventRecord, "cuEventRecord");
	find(driver, table.cuEventDestroy_v2, "cuEventDestroy_v2");
	find(driver, table.cuGraphicsMapResources, "cuGraphicsMapResources");
	find(driver, table.cuGraphicsUnmapResources, "cuGraphicsUnmapResources");
	find(driver, table.cuGraphicsSubResourceGetMappedArray, "cuGraphicsSubResourceGetMappedArray");
	find(driver, table.cuGraphicsUnregisterResource, "cuGraphicsUnregisterResource");
	find_optional(driver, table.cuGLGetDevices_v2, "cuGLGetDevices_v2");
	find_optional(driver, table.cuGraphicsGLRegisterImage, "cuGraphicsGLRegisterImage");
	find_optional(driver, table.cuD3D11GetDevice, "cuD3D11GetDevice");
	find_optional(driver, table.cuGraphicsD3D11RegisterResource, "cuGraphicsD3D11RegisterResource");
}

} // namespace

CudaDriver::CudaDriver()
{
	void *driver = open_cuda_driver();
	if (!driver)
		throw Error("card.no_driver", "there is no driver for NVIDIA graphics cards");
	find_functions(driver, *this);
	const cuda::Result started = cuInit(0);
	if (started == cuda::unknown_error)
		throw Error(
			"card.asleep",
			"the driver of the graphics card does not start, as may be after the computer has slept: restart the "
			"computer, or close all that uses CUDA and run as root rmmod nvidia_uvm && modprobe nvidia_uvm");
	if (started == driver_mismatch)
		throw Error(
			"card.driver_changed",
			"the driver of the graphics card has been updated since the computer was started: restart the computer");
	check(started, "starting the driver of the graphics card");
}

void CudaDriver::check(cuda::Result result, const char *doing) const
{
	if (result == cuda::success)
		return;
	const char *text = nullptr;
	if (cuGetErrorString(result, &text) != cuda::success || !text)
		text = "unknown error";
	throw std::runtime_error(fmt::format("{}: {} ({})", doing, text, result));
}

CudaContext::CudaContext(std::shared_ptr<const CudaDriver> driver, cuda::Device device)
	: driver_(std::move(driver)), device_(device)
{
	driver_->check(driver_->cuDevicePrimaryCtxRetain(&context_, device_), "opening the graphics card");
}

CudaContext::~CudaContext()
{
	driver_->cuDevicePrimaryCtxRelease_v2(device_);
}

} // namespace matting
