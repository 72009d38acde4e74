// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <stdexcept>

namespace matting {

/// Everything that goes wrong in here for a reason a user can do something about; `what()` is written for that user.
struct Error : std::runtime_error {
	using std::runtime_error::runtime_error;
};

} // namespace matting
