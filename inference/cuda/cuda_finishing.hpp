// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

namespace matting {

class FinishingSteps;

/// As CudaBackend::make_finishing.
std::unique_ptr<FinishingSteps> make_cuda_finishing(int device);

} // namespace matting
