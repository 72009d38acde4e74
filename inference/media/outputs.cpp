// SPDX-License-Identifier: GPL-2.0-or-later
#include "outputs.hpp"

#include "file_names.hpp"
#include "formats.hpp"

#include <fmt/format.h>

namespace matting {

std::filesystem::path output_in(const std::filesystem::path &folder, const MediaFacts &facts, const std::string &codec,
				bool needs_alpha)
{
	const std::string extension = facts.is_picture || facts.is_sequence ? ".png"
				      : codec != "auto"                     ? extension_for(codec)
				      : needs_alpha                         ? ".mov"
									    : ".mp4";
	const std::filesystem::path output = folder / facts.path.stem().concat(extension);
	if (!facts.is_sequence && is_sequence_name(output))
		throw Error(fmt::format("cannot write {}: that is the name of a sequence; rename the source",
					output.string()));
	return output;
}

std::string codec_for(const std::filesystem::path &output, bool is_in_folder, const MediaFacts &facts,
		      const std::string &codec)
{
	if (is_in_folder && (facts.is_picture || facts.is_sequence))
		return "auto";
	return is_standard_output(output) && facts.is_picture && codec == "auto" ? "png" : codec;
}

void require_fitting(const std::filesystem::path &output, const std::string &codec, bool needs_alpha,
		     const MediaFacts &facts)
{
	const Format &format = find_format(output, codec, needs_alpha);
	if (needs_alpha && !format.has_alpha)
		throw Error(fmt::format("{} cannot hold alpha: write {}, or composite with --over something opaque",
					output.string(), formats_text(true)));
	if (format.is_video && is_sequence_name(output))
		throw Error(fmt::format("cannot write {}: a video is one file, and that is the name of a sequence; "
					"leave the number out, or write .png",
					output.string()));
	const bool is_one = format.is_video || is_sequence_name(output) || facts.is_picture;
	if (!is_one && facts.frames.value_or(1) > 1)
		throw holds_one_picture(output);
}

} // namespace matting
