// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace matting {

/// Has OBS write the scene collection to its file, soon. UI thread. In a program without OBS's window: nothing.
void save_scenes();

} // namespace matting
