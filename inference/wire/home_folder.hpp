// SPDX-License-Identifier: GPL-2.0-or-later
// What plugin and engine say to people names nobody's home folder.
#pragma once

#include <string>

namespace matting {

/// The same with ~ for the user's home folder, as it is called and as it is where links lead: their name is for no audience.
std::string without_home(std::string words);

} // namespace matting
