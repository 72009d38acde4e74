// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol.hpp"

#include <algorithm>
#include <cstring>

namespace matting {

bool Message::set_text(std::string_view value)
{
	const size_t length = std::min(value.size(), sizeof text - 1);
	std::memcpy(text, value.data(), length);
	std::memset(text + length, 0, sizeof text - length);
	return length == value.size();
}

} // namespace matting
