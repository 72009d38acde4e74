// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/cuda_library.hpp"

#include <string>

#include <cuda_runtime_api.h>

namespace matting {

/// The library has no kernel for the card, neither compiled nor as PTX that its driver takes.
inline bool is_without_kernel(cudaError_t error)
{
	switch (error) {
	case cudaErrorInvalidDeviceFunction:
	case cudaErrorNoKernelImageForDevice:
	case cudaErrorInvalidPtx:
	case cudaErrorJitCompilerNotFound:
	case cudaErrorUnsupportedPtxVersion:
		return true;
	default:
		return false;
	}
}

/// Whether a call may be refused with this and the device be as good as before. Anything else leaves it in doubt.
inline bool is_harmless(cudaError_t error)
{
	if (is_without_kernel(error))
		return true;
	switch (error) {
	case cudaSuccess:
	case cudaErrorInvalidValue:
	case cudaErrorMemoryAllocation:
	case cudaErrorInsufficientDriver:
	case cudaErrorNoDevice:
	case cudaErrorNotReady:
	case cudaErrorNotSupported:
	case cudaErrorStreamCaptureUnsupported:
	case cudaErrorStreamCaptureInvalidated:
	case cudaErrorStreamCaptureImplicit:
		return true;
	default:
		return false;
	}
}

/// An error that stays with the process comes back with every call.
inline bool device_answers()
{
	const bool answers = is_harmless(cudaStreamQuery(cudaStreamLegacy));
	cudaGetLastError();
	return answers;
}

/// Throws what `result` means as Error, or as DeviceLost when the device answers no more: then CUDA has no way back in this
/// process.
/// `doing`: "opening the frames".
inline void check_cuda(cudaError_t result, const char *doing)
{
	if (result == cudaSuccess)
		return;
	const std::string text = std::string(doing) + ": " + cudaGetErrorString(result);
	cudaGetLastError();                          // takes back what can be taken back
	if (result == cudaErrorSystemDriverMismatch) // no process can use the card, so that a new one would not help
		throw Error(
			"engine.driver_changed",
			"the NVIDIA driver has been updated since the computer was started: restart the computer, or use the "
			"device cpu");
	if (!is_harmless(result) && !device_answers()) {
		if (result == cudaErrorUnknown)
			throw DeviceLost(
				"engine.card_asleep",
				"the graphics card has failed while {}; after sleep restart the computer, or close all "
				"that uses CUDA and run as root rmmod nvidia_uvm && modprobe nvidia_uvm",
				text);
		throw DeviceLost("engine.card_failed", "the graphics card has failed while {}", text);
	}
	if (result == cudaErrorMemoryAllocation)
		throw Error("engine.card_memory",
			    "the graphics card has not enough memory for {}: close other programs, or choose a smaller "
			    "picture, a smaller model or the device cpu",
			    doing);
	if (is_without_kernel(result))
		throw Error(
			"engine.no_kernels",
			"this build has nothing for this graphics card: install the plugin again, or use the device cpu");
	throw Error("engine.card_cannot", "the graphics card cannot do it: {}", text);
}

} // namespace matting
