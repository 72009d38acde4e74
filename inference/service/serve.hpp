// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace matting {

/// The engine as the plugin runs it: mattes frames for all of OBS's filters of one device, over the connection that this
/// process has inherited, until that closes; then it ends the process. `threads`: 0 is one for each core but one.
/// `backgrounds` is the folder where captures can be kept; empty: nowhere. See Note [As little as it needs].
/// Throws Error where there is no such connection.
void serve(const std::string &device, int threads, const std::filesystem::path &backgrounds);

} // namespace matting
