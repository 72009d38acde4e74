// SPDX-License-Identifier: GPL-2.0-or-later
// What a command has found out, for people and for programs.
#pragma once

#include <nlohmann/json.hpp>

namespace matting {

using Json = nlohmann::ordered_json;

/// An object of values, lists of values and such objects: a line for each, or as JSON.
void print_description(const Json &description, bool as_json);

} // namespace matting
