// SPDX-License-Identifier: GPL-2.0-or-later
#include "formats.hpp"

#include "inference/error.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace matting {
namespace {

std::string extension_of(const std::filesystem::path &path)
{
	std::string extension = path.extension().string();
	std::transform(extension.begin(), extension.end(), extension.begin(),
		       [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
	return extension;
}

// Null if there is none.
const Format *find(const std::string &extension, const std::string &codec)
{
	for (const Format &format : formats())
		if (std::find(format.extensions.begin(), format.extensions.end(), extension) !=
			    format.extensions.end() &&
		    (codec == "auto" || codec == format.codec))
			return &format;
	return nullptr;
}

// The extensions that stand for this format alone; of a picture's, the first will do.
std::vector<std::string> own_extensions(const Format &format)
{
	std::vector<std::string> own;
	for (const char *extension : format.extensions)
		if (find(extension, "auto") == &format && (format.is_video || own.empty()))
			own.emplace_back(extension);
	return own;
}

// "ProRes 4444, or --codec qtrle"
std::string full_title(const Format &format, const std::string &extension)
{
	std::string title = format.title;
	for (const Format &other : formats())
		if (&other != &format && other.has_alpha == format.has_alpha && find(extension, other.codec))
			title += fmt::format("{}--codec {}", title.empty() ? "" : ", or ", other.codec);
	return title;
}

} // namespace

const std::vector<Format> &formats()
{
	// VP9 keeps its alpha in Matroska's and WebM's own fields.
	static const std::vector<Format> formats{{"png", "", {".png"}, false, true},
						 {"webp", "", {".webp"}, false, true},
						 {"jpg", "", {".jpg", ".jpeg"}, false, false},
						 {"prores", "ProRes 4444", {".mov"}, true, true},
						 {"h264", "H.264", {".mp4", ".mkv", ".mov"}, true, false},
						 {"vp9", "VP9", {".webm", ".mkv"}, true, true},
						 {"qtrle", "", {".mov"}, true, true}};
	return formats;
}

const Format &find_format(const std::filesystem::path &path, const std::string &codec)
{
	if (const Format *format = find(extension_of(path), codec))
		return *format;
	for (const Format &format : formats())
		if (codec == format.codec)
			throw Error(fmt::format("{} cannot hold {}, alpha included: use {}", path.string(), codec,
						fmt::join(format.extensions, " or ")));
	throw Error(fmt::format("cannot tell a format from the name {}: use {}, {}", path.string(), formats_text(true),
				formats_text(false)));
}

std::string formats_text(bool has_alpha)
{
	std::string text;
	for (const Format &format : formats()) {
		const auto own = own_extensions(format);
		if (own.empty() || format.has_alpha != has_alpha)
			continue;
		text += fmt::format("{}{}", text.empty() ? "" : ", ", fmt::join(own, ", "));
		if (const std::string title = full_title(format, own.front()); !title.empty())
			text += fmt::format(" ({})", title);
	}
	return text;
}

} // namespace matting
