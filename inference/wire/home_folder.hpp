// SPDX-License-Identifier: GPL-2.0-or-later
// The user's home folder: what plugin and engine keep there, and that they name it to nobody. Thread-safety: safe.
#pragma once

#include <filesystem>
#include <string>

namespace matting {

/// The user's; empty: there is none.
std::filesystem::path home_folder();
/// Where programs keep what is the user's; empty: there is none.
std::filesystem::path user_data_folder();
/// Where `background-matting models` keeps what it has fetched and imported; it may not exist yet. Empty: there is no home.
std::filesystem::path user_models_folder();

/// The same with ~ for the user's home folder, as it is called and as it is where links lead: their name is for no audience.
std::string without_home(std::string words);

} // namespace matting
