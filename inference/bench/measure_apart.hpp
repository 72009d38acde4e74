// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include <nlohmann/json.hpp>

namespace matting {

/// What the action gives, and `peak_memory_bytes`; in a process of its own, so that its memory is its own. (On Windows, which
/// cannot split a process in two, in this one: the peak is that of all measurements until then.) Throws Error.
nlohmann::ordered_json measure_apart(const std::function<nlohmann::ordered_json()> &action);

} // namespace matting
