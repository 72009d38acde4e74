// SPDX-License-Identifier: GPL-2.0-or-later
// How FFmpeg writes the formats.
#pragma once

#include "ffmpeg.hpp"

#include "inference/media/formats.hpp"

namespace matting {

/// Throws Error. `flags` are libavcodec's.
CodecContext open_encoder(const Format &format, int width, int height, const WriteSettings &settings, int flags);

/// Whether its quality is set by a CRF.
bool takes_crf(const Format &format);

} // namespace matting
