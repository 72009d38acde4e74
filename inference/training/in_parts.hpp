// SPDX-License-Identifier: GPL-2.0-or-later
// Large files as several small ones: mail, forms and what carries results from machine to machine have limits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace matting::training {

constexpr uintmax_t most_bytes_of_part = uintmax_t{15} << 20;

/// Whole or not at all: `path` gets a list of the parts, which lie beside it, each with its SHA-256. Parts of what was there
/// before are removed when the list is in place, and only then. Throws Error.
void write_in_parts(const std::filesystem::path &path, std::string_view bytes, uintmax_t most = most_bytes_of_part);

/// What was written so. Throws Error: a part is missing or another; or another exception: it is no such list.
std::string read_from_parts(const std::filesystem::path &path);

} // namespace matting::training
