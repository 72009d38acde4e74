// SPDX-License-Identifier: GPL-2.0-or-later
// What is drawn over the picture for who stands in the room and cannot read the panel; without words.
#pragma once

#include <cstdint>

namespace matting {

/// Whether OBS streams, records or sends otherwise: then nothing is drawn over the picture.
bool is_on_air();

enum class Sign { capturing, captured, failed };

/// Graphics thread, context held; into a rectangle of that size.
void draw_number(int number, uint32_t width, uint32_t height);
void draw_sign(Sign sign, uint32_t width, uint32_t height);

} // namespace matting
