// SPDX-License-Identifier: GPL-2.0-or-later
// The format of Hugging Face's library safetensors: a length, a header in JSON, and the numbers.
#pragma once

#include "network.hpp"

#include <string_view>

namespace matting {

bool is_safetensors(std::string_view start);

/// The whole file's tensors by name, with memory of their own. Throws Error: it is damaged, or not what it says.
StateDict read_safetensors(std::string_view bytes);

} // namespace matting
