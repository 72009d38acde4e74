// SPDX-License-Identifier: GPL-2.0-or-later
// From a frame as it is stored to RGBA8 as it is seen.
#pragma once

#include "input.hpp"

#include <string>

namespace matting {

struct Conversion {
	std::string filters; ///< as the ffmpeg program takes them; a frame for each frame
	std::string note;    ///< what a user may want to know of it; or empty
};

bool has_alpha(const AVFrame &frame);
/// Primaries, transfer and matrix, as FFmpeg names them.
std::string colours_of(const AVFrame &frame);
bool is_grey(const AVFrame &frame);
/// PQ or HLG.
bool is_hdr(const AVFrame &frame);

/// Gives the frame the colours that it leaves unsaid, by those that it has, and the aspect of its pixels.
void complete(AVFrame &frame, const Input &input, AVStream &stream);

/// `orientation`: as EXIF counts, where FFmpeg knows none. Throws Error, in a few words: this FFmpeg cannot do it.
Conversion conversion_of(const AVFrame &frame, const Input &input, const AVStream &stream, int orientation);

} // namespace matting
