// SPDX-License-Identifier: GPL-2.0-or-later
#include "formats.hpp"

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

bool holds(const Format &format, const std::string &extension)
{
	return std::find(format.extensions.begin(), format.extensions.end(), extension) != format.extensions.end();
}

// Null if there is none.
const Format *find(const std::string &extension, const std::string &codec, bool needs_alpha = false)
{
	for (const Format &format : formats())
		if (holds(format, extension) && (codec == "auto" || codec == format.codec) &&
		    (format.has_alpha || !needs_alpha))
			return &format;
	return nullptr;
}

// The extensions that stand for this format alone; of a picture's, the first will do.
std::vector<std::string> own_extensions(const Format &format)
{
	std::vector<std::string> own;
	for (const char *extension : format.extensions)
		if (find(extension, "auto", format.has_alpha) == &format && (format.is_video || own.empty()))
			own.emplace_back(extension);
	return own;
}

// "ProRes 4444; --codec qtrle or png"
std::string full_title(const Format &format, const std::vector<std::string> &extensions)
{
	std::vector<const char *> others;
	for (const Format &other : formats())
		if (&other != &format && other.has_alpha == format.has_alpha &&
		    std::any_of(extensions.begin(), extensions.end(),
				[&](const std::string &extension) { return holds(other, extension); }))
			others.push_back(other.codec);
	std::string title = format.title;
	if (!others.empty())
		title += fmt::format("; --codec {}", fmt::join(others, " or "));
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
						 {"qtrle", "QuickTime Animation", {".mov"}, true, true},
						 {"png", "PNG", {".mov"}, true, true},
						 {"ffv1", "FFV1", {".mkv"}, true, true},
						 {"prores422", "ProRes 422 HQ", {".mov"}, true, false},
						 {"h265", "H.265", {".mp4", ".mkv", ".mov"}, true, false},
						 {"av1", "AV1", {".mp4", ".mkv", ".webm"}, true, false}};
	return formats;
}

bool is_standard_output(const std::filesystem::path &path)
{
	return path == "-";
}

const Format &find_format(const std::filesystem::path &path, const std::string &codec, bool needs_alpha)
{
	const bool is_pipe = is_standard_output(path);
	const std::string extension = !is_pipe ? extension_of(path) : codec == "png" ? ".png" : ".mkv";
	const std::string wanted = is_pipe && codec == "auto" ? "ffv1" : codec;
	if (const Format *format = find(extension, wanted, needs_alpha))
		return *format;
	if (const Format *format = find(extension, wanted))
		return *format;
	for (const Format &format : formats())
		if (codec == format.codec && format.is_video)
			throw Error(fmt::format("{} cannot hold {}, alpha included: use {}", path.string(), codec,
						fmt::join(format.extensions, " or ")));
	throw Error(fmt::format("cannot tell a format from the name {}: use {}, {}", path.string(), formats_text(true),
				formats_text(false)));
}

Error holds_one_picture(const std::filesystem::path &path)
{
	if (is_standard_output(path))
		return Error("the standard output holds one picture with --codec png, but the source has more: leave "
			     "--codec out, or choose one of videos");
	return Error(fmt::format("{} holds one picture, but the source has more: name a sequence (frame_%04d.png) or a "
				 "video (.mov)",
				 path.string()));
}

std::string extension_for(const std::string &codec)
{
	const auto found = std::find_if(formats().begin(), formats().end(),
					[&](const Format &format) { return format.is_video && codec == format.codec; });
	return found->extensions.front();
}

std::string formats_text(bool has_alpha)
{
	std::string text;
	for (const Format &format : formats()) {
		const auto own = own_extensions(format);
		if (own.empty() || format.has_alpha != has_alpha)
			continue;
		text += fmt::format("{}{}", text.empty() ? "" : ", ", fmt::join(own, ", "));
		if (const std::string title = full_title(format, own); !title.empty())
			text += fmt::format(" ({})", title);
	}
	return text;
}

} // namespace matting
