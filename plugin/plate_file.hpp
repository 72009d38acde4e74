// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plugin/engine/engine_session.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace matting {

struct PlateSize {
	uint32_t width, height;
	friend bool operator==(const PlateSize &, const PlateSize &) = default;
};

/// Of a PNG, which captures are; of other files, and of those that are not there, nothing.
std::optional<PlateSize> plate_size(const std::string &path);

/// A background's file in words: of a capture when that was and its size; how well it fits the picture. Only captures are looked
/// at: other files may lie on a disk that does not answer.
std::string describe_plate(const std::string &path, bool is_missing, const Status &status);

} // namespace matting
