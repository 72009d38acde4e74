// SPDX-License-Identifier: GPL-2.0-or-later
#include "guarded_map.hpp"

#include <stdexcept>

#include <cuda_runtime_api.h>

namespace matting {

void copy_to_device(void *to, const void *from, size_t bytes)
{
	if (cudaMemcpy(to, from, bytes, cudaMemcpyDefault) != cudaSuccess ||
	    cudaStreamSynchronize(cudaStreamLegacy) != cudaSuccess)
		throw std::runtime_error("copying to the device failed");
}

} // namespace matting
