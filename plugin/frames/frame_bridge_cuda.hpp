// SPDX-License-Identifier: GPL-2.0-or-later
// What the CUDA bridge needs of the graphics in use; implemented once for each kind, CMake chooses.
#pragma once

#include "cuda_driver.hpp"

#include "plugin/graphics.hpp"

namespace matting {

/// Lets CUDA map a texture of GS_RGBA_UNORM (an sRGB one cannot be mapped). `flags`: read_only or write_discard.
/// With the context and the graphics context current. Throws std::runtime_error.
CudaTexture register_texture(const CudaContextPointer &context, gs_texture_t *texture, unsigned flags);

} // namespace matting
