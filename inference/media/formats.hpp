// SPDX-License-Identifier: GPL-2.0-or-later
// THE LIST of formats that are written. Help, errors and the part of the program that links FFmpeg all go by it.
#pragma once

#include "inference/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace matting {

struct Format {
	const char *codec;
	const char *title;                    ///< for users, beside the extensions; or empty
	std::vector<const char *> extensions; ///< of files that can hold it, alpha included
	bool is_video, has_alpha;
};

/// Of those that fit a name, auto takes the first.
const std::vector<Format> &formats();

/// "-", to which pictures are written as PNG (of its codec) and videos as Matroska (of others, by auto FFV1).
bool is_standard_output(const std::filesystem::path &path);

/// By the extension and, for videos, the codec: that of a format, or auto, which prefers those that hold alpha where it is
/// needed. Throws Error.
const Format &find_format(const std::filesystem::path &path, const std::string &codec, bool needs_alpha = false);

/// That there are more pictures than a file of this name, which is no video's, can hold.
Error holds_one_picture(const std::filesystem::path &path);

/// The extension that is usual for a video's codec.
std::string extension_for(const std::string &codec);

/// ".png, .webp, .mov (ProRes 4444; --codec qtrle or png), .webm (VP9)": what auto writes with alpha, or without.
std::string formats_text(bool has_alpha);

} // namespace matting
