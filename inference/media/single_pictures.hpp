// SPDX-License-Identifier: GPL-2.0-or-later
// Single pictures as the engine itself reads and writes them: what is left where the part that links FFmpeg is missing.
#pragma once

#include "media.hpp"

namespace matting {

/// Null: it is none, or no PNG, JPEG or WebP. Throws Error: there is no such file, or it is damaged.
std::unique_ptr<MediaReader> open_single_picture(const std::filesystem::path &path);

/// Null: it is to be something else than a PNG. Throws Error: nothing is written under such a name.
std::unique_ptr<MediaWriter> create_single_picture(const std::filesystem::path &path, const WriteSettings &settings);

} // namespace matting
