// SPDX-License-Identifier: GPL-2.0-or-later
// What is done to maps between convolutions, on the CPU.
#pragma once

#include "cpu_convolution.hpp"

namespace matting::cpu {

/// For every output index. As torch.upsample_bilinear2d reads, to the last bit.
std::vector<Tap> bilinear_taps(int in_size, int out_size);

void max_pool(const Kernels &kernels, const MapView &in, const MapView &out);
void average(const Kernels &kernels, const MapView &in, const MapView &out);
void upsample(const Kernels &kernels, const MapView &in, const MapView &out);

} // namespace matting::cpu
