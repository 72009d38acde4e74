// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

struct AVFrame;

namespace matting {

/// Results have no colour where they are transparent (Note [The room is in no result]). A codec that loses something mixes
/// that black into the edge beside it; so here colours of what is seen reach a few pixels beyond it. `frame`: RGBA8, writable.
void spread_colours(AVFrame &frame);

} // namespace matting
