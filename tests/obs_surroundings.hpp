// SPDX-License-Identifier: GPL-2.0-or-later
// What libobs has around it in tests: a display, and a camera.
#pragma once

#include "obs_test.hpp"

using Display = struct _XDisplay; // X11's

namespace matting {

/// One for all tests, made by Xvfb; null if that cannot be started.
Display *display();

/// The source `test_camera`, which shows what it was told last.
void register_camera();
void show_to_camera(const CameraPicture &picture);
CameraPicture current_picture();

} // namespace matting
