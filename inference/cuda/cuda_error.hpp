// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/cuda_library.hpp"

#include <string>

#include <cuda_runtime_api.h>

namespace matting {

/// Whether the error stays with the process: what CUDA's documentation says must be relaunched.
inline bool is_lost(cudaError_t error)
{
	switch (error) {
	case cudaErrorIllegalAddress:
	case cudaErrorLaunchFailure:
	case cudaErrorLaunchTimeout:
	case cudaErrorMisalignedAddress:
	case cudaErrorIllegalInstruction:
	case cudaErrorInvalidPc:
	case cudaErrorInvalidAddressSpace:
	case cudaErrorHardwareStackError:
	case cudaErrorAssert:
	case cudaErrorECCUncorrectable:
	case cudaErrorContextIsDestroyed:
		return true;
	default:
		return false;
	}
}

/// Throws what `result` means as Error, or as DeviceLost when CUDA has no way back from it. `doing`: "opening the
/// frames".
inline void check_cuda(cudaError_t result, const char *doing)
{
	if (result == cudaSuccess)
		return;
	const std::string text = std::string(doing) + ": " + cudaGetErrorString(result);
	cudaGetLastError(); // takes back what can be taken back
	if (result == cudaErrorMemoryAllocation)
		throw Error("the graphics card has not enough memory for " + std::string(doing) +
			    ": close other programs, or choose a smaller picture, a smaller model or the device cpu");
	if (is_lost(result))
		throw DeviceLost("the graphics card has failed while " + text);
	throw Error("the graphics card cannot do it: " + text);
}

} // namespace matting
