// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures as files, without FFmpeg: what the filter needs for its background plates must run wherever OBS does.
#pragma once

#include "inference/bitmap.hpp"
#include "inference/input_file.hpp"

#include <filesystem>

namespace matting {

/// Whether it begins as a PNG, JPEG or WebP file does. Throws Error: it cannot be read.
bool is_plate(const InputFile &file);

/// A PNG, JPEG or WebP file, by its content; upright (EXIF), 16 bits as 8, CMYK as RGB. Throws Error.
Bitmap read_plate(const InputFile &file);

/// As PNG, whole or not at all. Throws Error.
void write_plate(const std::filesystem::path &path, const Picture &picture);

} // namespace matting
