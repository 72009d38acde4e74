// SPDX-License-Identifier: GPL-2.0-or-later
// What devices are compared with: LibTorch's own operations, in double where sums are made, and the refiner as the
// paper has it, over the whole picture.
#pragma once

#include "inference/fast/device.hpp"

namespace matting {

std::unique_ptr<FastDevice> make_reference_device();

} // namespace matting
