// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

namespace matting {

class FastDevice;

/// As CudaBackend::make_device.
std::unique_ptr<FastDevice> make_cuda_device(int device, bool half);

} // namespace matting
