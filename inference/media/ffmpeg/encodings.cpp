// SPDX-License-Identifier: GPL-2.0-or-later
#include "encodings.hpp"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace matting {
namespace {

struct Encoding {
	const char *codec;                  ///< of the format
	std::vector<const char *> encoders; ///< the first that FFmpeg was built with is taken
	AVPixelFormat pixels;
	std::vector<std::pair<const char *, const char *>> options;
};

const Encoding &encoding_of(const Format &format)
{
	static const std::vector<Encoding> encodings{
		{"png", {"png"}, AV_PIX_FMT_RGBA, {}},
		{"webp", {"libwebp"}, AV_PIX_FMT_BGRA, {{"lossless", "1"}, {"quality", "75"}}},
		{"jpg", {"mjpeg"}, AV_PIX_FMT_YUVJ444P, {{"qmin", "2"}, {"qmax", "2"}}},
		{"prores", {"prores_ks"}, AV_PIX_FMT_YUVA444P10, {{"profile", "4444"}, {"vendor", "apl0"}}},
		{"h264", {"libx264", "libopenh264"}, AV_PIX_FMT_YUV420P, {{"crf", "18"}}},
		{"vp9",
		 {"libvpx-vp9"},
		 AV_PIX_FMT_YUVA420P,
		 {{"crf", "20"}, {"b", "0"}, {"row-mt", "1"}, {"cpu-used", "4"}, {"auto-alt-ref", "0"}}},
		{"qtrle", {"qtrle"}, AV_PIX_FMT_ARGB, {}}};
	return *std::find_if(encodings.begin(), encodings.end(), [&](const Encoding &encoding) {
		return std::string_view(encoding.codec) == format.codec;
	});
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

CodecContext open_encoder(const Format &format, int width, int height, const FrameTiming &timing, int flags)
{
	const Encoding &encoding = encoding_of(format);
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
