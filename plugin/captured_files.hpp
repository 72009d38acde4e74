// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace matting {

/// Of all series: those that are whole, or what is left of those that nobody finished (see inference/atomic_file.hpp). See also
/// Note [A capture that counts].
std::vector<std::string> captured_files(bool are_whole = true);

/// A path's last part, with its ending and without.
std::string name_of(const std::string &path);
std::string stem_of(const std::string &path);

/// What a series is called becomes a part of paths.
bool is_series(const std::string &name);
/// The one that is in a capture's name; empty: it is none.
std::string series_of(const std::string &path);

bool is_older(const std::string &path, std::chrono::seconds age);

/// Deletes what captures have left that nobody is at any more. Pictures of a home.
void remove_unfinished_captures();

} // namespace matting
