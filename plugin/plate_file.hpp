// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plugin/engine/engine_session.hpp"

#include <string>

namespace matting {

/// A background's file in words: when it was captured, its size, how well it fits the picture.
std::string describe_plate(const std::string &path, const Status &status);

} // namespace matting
