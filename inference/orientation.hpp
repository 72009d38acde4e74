// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "bitmap.hpp"

#include <string_view>

namespace matting {

/// How the camera was held, 1 to 8 as EXIF 2.3 counts (4.6.4 A), by what a JPEG (APP1), PNG (eXIf), WebP (EXIF) or TIFF file
/// says; 1 where it says nothing, or is none of them.
int orientation_of(std::string_view file);

/// A picture that is stored like this, as it is to be seen.
Bitmap upright(Bitmap stored, int orientation);

} // namespace matting
