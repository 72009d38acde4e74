// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace matting {

/// Whether somebody has a list, a menu or a dialog (of files, of colours) of OBS's window open, or a mouse button down. UI
/// thread. In a program without OBS's window: false.
bool is_control_held();

/// The control of OBS's window that has the focus, if text is typed into it or can be marked in it; else null. To compare with.
/// UI thread.
const void *focused_text();

} // namespace matting
