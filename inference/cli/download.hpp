// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace matting {

/// Writes what is at `url` (https://, or file:// of a mirror) to `path`, with progress on a terminal. Throws Error; the file
/// is then what had arrived.
void download(const std::string &url, const std::filesystem::path &path);

} // namespace matting
