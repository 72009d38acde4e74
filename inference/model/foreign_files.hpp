// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace matting {

/// What a file is that is no model file, by its first bytes, and what to do: the rest of a sentence.
std::string describe_foreign_file(std::string_view start);

} // namespace matting
