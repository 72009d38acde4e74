// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/cuda_library.hpp"

namespace matting {

/// As CudaBackend::open_frames.
std::unique_ptr<CudaFrames> open_shared_frames(int device, const CudaHandles &handles, size_t slot_bytes);

} // namespace matting
