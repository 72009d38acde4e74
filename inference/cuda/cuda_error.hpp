// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/cuda_library.hpp"

#include <string>

#include <cuda_runtime_api.h>

namespace matting {

/// Whether a call may be refused with this and the device be as good as before. Anything else leaves it in doubt.
inline bool is_harmless(cudaError_t error)
{
	switch (error) {
	case cudaSuccess:
	case cudaErrorInvalidValue:
	case cudaErrorMemoryAllocation:
	case cudaErrorInsufficientDriver:
	case cudaErrorNoDevice:
	case cudaErrorNoKernelImageForDevice:
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

/// Throws what `result` means as Error, or as DeviceLost when the device answers no more: then CUDA has no way back.
/// `doing`: "opening the frames".
inline void check_cuda(cudaError_t result, const char *doing)
{
	if (result == cudaSuccess)
		return;
	const std::string text = std::string(doing) + ": " + cudaGetErrorString(result);
	cudaGetLastError(); // takes back what can be taken back
	if (!is_harmless(result) && !device_answers()) {
		if (result == cudaErrorUnknown)
			throw DeviceLost(
				"engine.card_asleep",
				"the graphics card has failed while {}; if the computer has slept, run modprobe "
				"nvidia_uvm, or restart it",
				text);
		throw DeviceLost("engine.card_failed", "the graphics card has failed while {}", text);
	}
	if (result == cudaErrorMemoryAllocation)
		throw Error("engine.card_memory",
			    "the graphics card has not enough memory for {}: close other programs, or choose a smaller "
			    "picture, a smaller model or the device cpu",
			    doing);
	if (result == cudaErrorNoKernelImageForDevice)
		throw Error(
			"engine.no_kernels",
			"this build has nothing for this graphics card: install the plugin again, or use the device cpu");
	throw Error("engine.card_cannot", "the graphics card cannot do it: {}", text);
}

} // namespace matting
