// SPDX-License-Identifier: GPL-2.0-or-later
#include "encodings.hpp"

#include "file_names.hpp"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace matting {
namespace {

// Of those that fit a name, auto takes the first. VP9 keeps its alpha in Matroska's and WebM's own fields.
const std::vector<Encoding> &encodings()
{
	static const std::vector<Encoding> encodings{
		{"png", {".png"}, {"png"}, AV_PIX_FMT_RGBA, true, {}},
		{"webp", {".webp"}, {"libwebp"}, AV_PIX_FMT_BGRA, true, {{"lossless", "1"}, {"quality", "75"}}},
		{"jpg", {".jpg", ".jpeg"}, {"mjpeg"}, AV_PIX_FMT_YUVJ444P, false, {{"qmin", "2"}, {"qmax", "2"}}},
		{"prores",
		 {".mov"},
		 {"prores_ks"},
		 AV_PIX_FMT_YUVA444P10,
		 true,
		 {{"profile", "4444"}, {"vendor", "apl0"}}},
		{"h264",
		 {".mp4", ".mkv", ".mov"},
		 {"libx264", "libopenh264"},
		 AV_PIX_FMT_YUV420P,
		 false,
		 {{"crf", "18"}}},
		{"vp9",
		 {".webm", ".mkv"},
		 {"libvpx-vp9"},
		 AV_PIX_FMT_YUVA420P,
		 true,
		 {{"crf", "20"}, {"b", "0"}, {"row-mt", "1"}, {"cpu-used", "4"}, {"auto-alt-ref", "0"}}},
		{"qtrle", {".mov"}, {"qtrle"}, AV_PIX_FMT_ARGB, true, {}}};
	return encodings;
}

std::string extension_of(const std::filesystem::path &path)
{
	std::string extension = path.extension().string();
	std::transform(extension.begin(), extension.end(), extension.begin(),
		       [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
	return extension;
}

bool fits(const Encoding &encoding, const std::string &extension)
{
	return std::find(encoding.extensions.begin(), encoding.extensions.end(), extension) !=
	       encoding.extensions.end();
}

void set_colours(AVCodecContext &context)
{
	const bool is_yuv = !(av_pix_fmt_desc_get(context.pix_fmt)->flags & AV_PIX_FMT_FLAG_RGB);
	const bool is_jpeg = context.pix_fmt == AV_PIX_FMT_YUVJ444P;
	context.color_range = is_yuv && !is_jpeg ? AVCOL_RANGE_MPEG : AVCOL_RANGE_JPEG;
	context.colorspace = is_jpeg ? AVCOL_SPC_BT470BG : is_yuv ? AVCOL_SPC_BT709 : AVCOL_SPC_RGB;
	if (is_yuv && !is_jpeg) {
		context.color_primaries = AVCOL_PRI_BT709;
		context.color_trc = AVCOL_TRC_BT709;
	}
}

} // namespace

bool is_picture_name(const std::filesystem::path &path)
{
	const std::string extension = extension_of(path);
	return extension == ".png" || extension == ".webp" || extension == ".jpg" || extension == ".jpeg";
}

const Encoding &find_encoding(const std::filesystem::path &path, const std::string &codec)
{
	const std::string extension = extension_of(path);
	for (const Encoding &encoding : encodings())
		if (fits(encoding, extension) && (codec == "auto" || codec == encoding.codec))
			return encoding;
	for (const Encoding &encoding : encodings())
		if (codec == encoding.codec)
			throw Error(fmt::format("{} cannot hold {}, alpha included: use {}", path.string(), codec,
						fmt::join(encoding.extensions, " or ")));
	throw Error(
		fmt::format("cannot tell a format from the name {}: use .png, .webp, .jpg, .mov, .webm, .mp4 or .mkv",
			    path.string()));
}

MediaFormat media_format(const std::filesystem::path &path, const std::string &codec)
{
	const bool is_picture = is_picture_name(path);
	return {!is_picture, is_picture && is_sequence_name(path), find_encoding(path, codec).has_alpha};
}

CodecContext open_encoder(const Encoding &encoding, int width, int height, const FrameTiming &timing, int flags)
{
	const AVCodec *codec = nullptr;
	for (const char *name : encoding.encoders)
		if (!codec)
			codec = avcodec_find_encoder_by_name(name);
	if (!codec)
		throw Error(fmt::format("this FFmpeg cannot write {}: it was built without {}", encoding.codec,
					encoding.encoders.front()));
	if (encoding.pixels == AV_PIX_FMT_YUV420P && (width % 2 != 0 || height % 2 != 0))
		throw Error(fmt::format("{} needs an even width and height, and the picture is {}x{}: write .mov "
					"(ProRes) or .webm (VP9)",
					encoding.codec, width, height));
	CodecContext context(avcodec_alloc_context3(codec));
	context->width = width;
	context->height = height;
	context->pix_fmt = encoding.pixels;
	context->time_base = {timing.unit_numerator, timing.unit_denominator};
	context->framerate = {timing.rate_numerator, timing.rate_denominator};
	context->flags |= flags;
	context->thread_count = 0;
	set_colours(*context);
	AVDictionary *options = nullptr;
	for (const auto &[key, value] : encoding.options)
		av_dict_set(&options, key, value, 0);
	const int opened = avcodec_open2(context.get(), codec, &options);
	av_dict_free(&options);
	check(opened, fmt::format("cannot write {} of {}x{}", encoding.codec, width, height));
	return context;
}

} // namespace matting
