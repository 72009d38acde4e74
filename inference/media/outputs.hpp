// SPDX-License-Identifier: GPL-2.0-or-later
// What is written of a source: under which name, and in which format.
#pragma once

#include "media.hpp"

#include <filesystem>
#include <string>

namespace matting {

/// In a folder, under the source's name: a picture as a picture, a sequence as one, a video as `codec` says. Throws Error.
std::filesystem::path output_in(const std::filesystem::path &folder, const MediaFacts &facts, const std::string &codec,
				bool needs_alpha);

/// The codec of an output whose name does not tell all: the standard output has no extension, and of what goes into a folder
/// `codec` is that of the videos.
std::string codec_for(const std::filesystem::path &output, bool is_in_folder, const MediaFacts &facts,
		      const std::string &codec);

/// Throws Error if a file of that name and codec cannot hold the alpha; what is known to be more than one picture; or, if it is
/// a video, has the name of a sequence.
void require_fitting(const std::filesystem::path &output, const std::string &codec, bool needs_alpha,
		     const MediaFacts &facts);

} // namespace matting
