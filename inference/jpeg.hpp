// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/bitmap.hpp"

#include <cstdint>
#include <string_view>

namespace matting {

/// Upright, by what EXIF says of the camera. Throws Error.
Bitmap decode_jpeg(std::string_view bytes);

/// Before memory for it is asked for. Throws Error.
void require_possible_plate(int64_t width, int64_t height);

} // namespace matting
