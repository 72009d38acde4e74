// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace matting {

/// From now on the first SIGINT, SIGTERM, SIGHUP or SIGQUIT does not end the program, so that no half-written file is left:
/// `is_interrupted` says that it came. The second of a kind does. SIGPIPE never does.
void notice_interruption();
bool is_interrupted();

} // namespace matting
