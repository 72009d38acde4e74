// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace matting {

/// Called again and again with what has arrived and what there is in all (0: not known yet), in bytes. False ends it.
using DownloadProgress = std::function<bool(int64_t arrived, int64_t total)>;

/// Of the library that downloads, which is loaded for it. Throws Error: there is none.
std::string downloader_version();

/// Writes what is at `url` (https://, or file:// of a mirror) to `path`. Throws Error; the file is then what had arrived.
void download(const std::string &url, const std::filesystem::path &path, const DownloadProgress &progress);

} // namespace matting
