// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/media/media.hpp"

namespace matting {

/// Both throw Error.
std::unique_ptr<MediaReader> open_reader(const std::filesystem::path &path, const ReadSettings &settings);
std::unique_ptr<MediaWriter> create_writer(const std::filesystem::path &path, const WriteSettings &settings);

} // namespace matting
