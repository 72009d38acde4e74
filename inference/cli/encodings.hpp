// SPDX-License-Identifier: GPL-2.0-or-later
// The formats that are written, and how.
#pragma once

#include "ffmpeg.hpp"
#include "media.hpp"

#include <utility>
#include <vector>

namespace matting {

struct Encoding {
	const char *codec;
	std::vector<const char *> extensions; ///< of files that can hold it, alpha included
	std::vector<const char *> encoders;   ///< the first that FFmpeg was built with is taken
	AVPixelFormat pixels;
	bool has_alpha;
	std::vector<std::pair<const char *, const char *>> options;
};

bool is_picture_name(const std::filesystem::path &path);

/// By the extension and, for videos, the codec. Throws Error.
const Encoding &find_encoding(const std::filesystem::path &path, const std::string &codec);

/// Throws Error. `flags` are libavcodec's.
CodecContext open_encoder(const Encoding &encoding, int width, int height, const FrameTiming &timing, int flags);

} // namespace matting
