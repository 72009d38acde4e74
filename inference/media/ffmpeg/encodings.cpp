// SPDX-License-Identifier: GPL-2.0-or-later
#include "encodings.hpp"

#include "inference/platform.hpp"

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
	std::vector<const char *> encoders; ///< the first that FFmpeg was built with and takes the size
	AVPixelFormat alpha, colour, grey;  ///< pixels, by their channels
	std::vector<std::pair<const char *, const char *>> options; ///< other encoders take no notice
};

const Encoding &encoding_of(const Format &format)
{
	static const std::vector<Encoding> encodings{
		{"png", {"png"}, AV_PIX_FMT_RGBA, AV_PIX_FMT_RGB24, AV_PIX_FMT_GRAY8, {}},
		{"webp",
		 {"libwebp"},
		 AV_PIX_FMT_BGRA,
		 AV_PIX_FMT_BGRA,
		 AV_PIX_FMT_BGRA,
		 {{"lossless", "1"}, {"quality", "75"}}},
		{"jpg",
		 {"mjpeg"},
		 AV_PIX_FMT_YUVJ444P,
		 AV_PIX_FMT_YUVJ444P,
		 AV_PIX_FMT_YUVJ444P,
		 {{"qmin", "2"}, {"qmax", "2"}}},
		{"prores",
		 {"prores_ks"},
		 AV_PIX_FMT_YUVA444P10,
		 AV_PIX_FMT_YUV444P10,
		 AV_PIX_FMT_YUV444P10,
		 // Said beforehand, the finest quantiser is what the encoder ends up with anyway, at twice the work.
		 {{"profile", "4444"}, {"vendor", "apl0"}, {"flags", "+qscale"}, {"global_quality", "118"}}},
		{"prores422",
		 {"prores_ks"},
		 AV_PIX_FMT_NONE,
		 AV_PIX_FMT_YUV422P10,
		 AV_PIX_FMT_YUV422P10,
		 {{"profile", "hq"}, {"vendor", "apl0"}}},
		{"h264",
		 {"libx264", "libopenh264"},
		 AV_PIX_FMT_NONE,
		 AV_PIX_FMT_YUV420P,
		 AV_PIX_FMT_YUV420P,
		 {{"crf", "18"}}},
		{"h265",
		 {"libx265"},
		 AV_PIX_FMT_NONE,
		 AV_PIX_FMT_YUV420P,
		 AV_PIX_FMT_YUV420P,
		 {{"crf", "20"}, {"x265-params", "log-level=none"}}},
		{"av1",
		 {"libsvtav1", "libaom-av1"},
		 AV_PIX_FMT_NONE,
		 AV_PIX_FMT_YUV420P,
		 AV_PIX_FMT_YUV420P,
		 {{"crf", "28"}, {"b", "0"}, {"preset", "8"}, {"cpu-used", "6"}, {"row-mt", "1"}}},
		{"vp9",
		 {"libvpx-vp9"},
		 AV_PIX_FMT_YUVA420P,
		 AV_PIX_FMT_YUV420P,
		 AV_PIX_FMT_YUV420P,
		 {{"crf", "20"}, {"b", "0"}, {"row-mt", "1"}, {"cpu-used", "4"}, {"auto-alt-ref", "0"}}},
		{"ffv1", {"ffv1"}, AV_PIX_FMT_BGRA, AV_PIX_FMT_0RGB32, AV_PIX_FMT_GRAY8, {{"level", "3"}}},
		{"qtrle", {"qtrle"}, AV_PIX_FMT_ARGB, AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB24, {}}};
	return *std::find_if(encodings.begin(), encodings.end(), [&](const Encoding &encoding) {
		return std::string_view(encoding.codec) == format.codec;
	});
}

AVPixelFormat pixels_of(const Encoding &encoding, Channels channels)
{
	const AVPixelFormat pixels = channels == Channels::alpha    ? encoding.alpha
				     : channels == Channels::colour ? encoding.colour
								    : encoding.grey;
	return pixels == AV_PIX_FMT_NONE ? encoding.colour : pixels;
}

void set_colours(AVCodecContext &context)
{
	const AVPixFmtDescriptor &pixels = *av_pix_fmt_desc_get(context.pix_fmt);
	const bool is_yuv = !(pixels.flags & AV_PIX_FMT_FLAG_RGB) && pixels.nb_components > 1;
	const bool is_jpeg = context.pix_fmt == AV_PIX_FMT_YUVJ444P;
	context.color_range = is_yuv && !is_jpeg ? AVCOL_RANGE_MPEG : AVCOL_RANGE_JPEG;
	context.colorspace = is_jpeg ? AVCOL_SPC_BT470BG : is_yuv ? AVCOL_SPC_BT709 : AVCOL_SPC_RGB;
	if (is_yuv && !is_jpeg) {
		context.color_primaries = AVCOL_PRI_BT709;
		context.color_trc = AVCOL_TRC_BT709;
	}
	if (context.codec_id == AV_CODEC_ID_H264 || context.codec_id == AV_CODEC_ID_HEVC)
		context.chroma_sample_location = AVCHROMA_LOC_LEFT; // where players look for it
}

CodecContext context_for(const Format &format, const AVCodec &codec, AVPixelFormat pixels, int width, int height,
			 const WriteSettings &settings, int flags)
{
	CodecContext context(avcodec_alloc_context3(&codec));
	context->width = width;
	context->height = height;
	context->pix_fmt = pixels;
	context->time_base = {settings.timing.unit.numerator, settings.timing.unit.denominator};
	context->framerate = {settings.timing.rate.numerator, settings.timing.rate.denominator};
	if (settings.pixel_aspect.numerator != settings.pixel_aspect.denominator)
		context->sample_aspect_ratio = {settings.pixel_aspect.numerator, settings.pixel_aspect.denominator};
	context->flags |= flags;
	context->thread_count = format.is_video ? 0 : 1; // pictures: several at once, each on one
	set_colours(*context);
	return context;
}

// FFmpeg's code.
int open_with(const AVCodec &codec, AVCodecContext &context, const Encoding &encoding, const std::optional<int> &crf)
{
	AVDictionary *options = nullptr;
	for (const auto &[key, value] : encoding.options)
		av_dict_set(&options, key, value, 0);
	if (crf)
		av_dict_set_int(&options, "crf", *crf, 0);
	const int opened = avcodec_open2(&context, &codec, &options);
	av_dict_free(&options);
	return opened;
}

} // namespace

bool takes_crf(const Format &format)
{
	const auto &options = encoding_of(format).options;
	return std::any_of(options.begin(), options.end(),
			   [](const auto &option) { return std::string_view(option.first) == "crf"; });
}

CodecContext open_encoder(const Format &format, int width, int height, const WriteSettings &settings, int flags)
{
	const Encoding &encoding = encoding_of(format);
	const AVPixelFormat pixels = pixels_of(encoding, settings.channels);
	if (pixels == AV_PIX_FMT_YUV420P && !format.has_alpha && (width % 2 != 0 || height % 2 != 0))
		throw Error(fmt::format("{} needs an even width and height, and the picture is {}x{}: write .mov "
					"(ProRes) or .webm (VP9)",
					encoding.codec, width, height));
	if (format.is_video)                          // and so on one thread
		set_default_variable("SVT_LOG", "0"); // SVT-AV1 says much, and by this alone less
	int opened = AVERROR_ENCODER_NOT_FOUND;
	for (const char *name : encoding.encoders)
		if (const AVCodec *codec = avcodec_find_encoder_by_name(name)) {
			CodecContext context = context_for(format, *codec, pixels, width, height, settings, flags);
			opened = open_with(*codec, *context, encoding, settings.crf);
			if (opened >= 0)
				return context;
		}
	if (opened == AVERROR_ENCODER_NOT_FOUND)
		throw Error(fmt::format("this FFmpeg cannot write {}: it was built without {}", encoding.codec,
					encoding.encoders.front()));
	throw Error(fmt::format("cannot write {} of {}x{}: {}", encoding.codec, width, height, ffmpeg_error(opened)));
}

} // namespace matting
