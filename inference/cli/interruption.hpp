// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace matting {

/// From now on SIGINT, SIGTERM and SIGHUP do not end the program, so that no half-written file is left: `is_interrupted`
/// says that they came.
void notice_interruption();
bool is_interrupted();

} // namespace matting
