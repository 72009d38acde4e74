// SPDX-License-Identifier: GPL-2.0-or-later
#include "ffmpeg.hpp"
#include "media.hpp"

#include "inference/atomic_file.hpp"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>

#include <fmt/format.h>

namespace matting {
namespace {

struct Encoding {
	const char *codec;
	std::vector<const char *> encoders; // the first that FFmpeg was built with
	AVPixelFormat pixels;
	bool has_alpha;
	std::vector<std::pair<const char *, const char *>> options;
};

const std::vector<Encoding> &encodings()
{
	static const std::vector<Encoding> encodings{
		{"png", {"png"}, AV_PIX_FMT_RGBA, true, {}},
		{"webp", {"libwebp"}, AV_PIX_FMT_BGRA, true, {{"lossless", "1"}, {"quality", "75"}}},
		{"jpg", {"mjpeg"}, AV_PIX_FMT_YUVJ444P, false, {{"qmin", "2"}, {"qmax", "2"}}},
		{"prores", {"prores_ks"}, AV_PIX_FMT_YUVA444P10, true, {{"profile", "4444"}, {"vendor", "apl0"}}},
		{"vp9",
		 {"libvpx-vp9"},
		 AV_PIX_FMT_YUVA420P,
		 true,
		 {{"crf", "20"}, {"b", "0"}, {"row-mt", "1"}, {"cpu-used", "4"}, {"auto-alt-ref", "0"}}},
		{"qtrle", {"qtrle"}, AV_PIX_FMT_ARGB, true, {}},
		{"h264", {"libx264", "libopenh264"}, AV_PIX_FMT_YUV420P, false, {{"crf", "18"}}}};
	return encodings;
}

const Encoding &find_encoding(const std::string &codec)
{
	const auto found = std::find_if(encodings().begin(), encodings().end(),
					[&](const Encoding &encoding) { return codec == encoding.codec; });
	if (found == encodings().end())
		throw Error(fmt::format("there is no codec {}: use prores, vp9, qtrle or h264", codec));
	return *found;
}

std::string extension_of(const std::filesystem::path &path)
{
	std::string extension = path.extension().string();
	std::transform(extension.begin(), extension.end(), extension.begin(),
		       [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
	return extension;
}

bool is_picture_name(const std::string &extension)
{
	return extension == ".png" || extension == ".webp" || extension == ".jpg" || extension == ".jpeg";
}

std::string codec_for(const std::filesystem::path &path, const std::string &wanted)
{
	const std::string extension = extension_of(path);
	if (is_picture_name(extension))
		return extension == ".jpeg" ? "jpg" : extension.substr(1);
	if (wanted != "auto")
		return wanted;
	if (extension == ".mov")
		return "prores";
	if (extension == ".webm")
		return "vp9";
	if (extension == ".mp4" || extension == ".mkv")
		return "h264";
	throw Error(
		fmt::format("cannot tell a format from the name {}: use .png, .webp, .jpg, .mov, .webm, .mp4 or .mkv",
			    path.string()));
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
	CodecContext context(avcodec_alloc_context3(codec));
	context->width = width;
	context->height = height;
	context->pix_fmt = encoding.pixels;
	context->time_base = {timing.unit_numerator, timing.unit_denominator};
	context->framerate = {timing.rate_numerator, timing.rate_denominator};
	context->flags |= flags;
	context->thread_count = 0;
	const bool is_yuv = !(av_pix_fmt_desc_get(encoding.pixels)->flags & AV_PIX_FMT_FLAG_RGB);
	const bool is_jpeg = encoding.pixels == AV_PIX_FMT_YUVJ444P;
	context->color_range = is_yuv && !is_jpeg ? AVCOL_RANGE_MPEG : AVCOL_RANGE_JPEG;
	context->colorspace = is_jpeg ? AVCOL_SPC_BT470BG : is_yuv ? AVCOL_SPC_BT709 : AVCOL_SPC_RGB;
	if (is_yuv && !is_jpeg) {
		context->color_primaries = AVCOL_PRI_BT709;
		context->color_trc = AVCOL_TRC_BT709;
	}
	AVDictionary *options = nullptr;
	for (const auto &[key, value] : encoding.options)
		av_dict_set(&options, key, value, 0);
	const int opened = avcodec_open2(context.get(), codec, &options);
	av_dict_free(&options);
	check(opened, fmt::format("cannot write {} of {}x{}", encoding.codec, width, height));
	return context;
}

// A file that a muxer writes to.
struct OutputContext {
	AVFormatContext *context = nullptr;
	~OutputContext()
	{
		if (context && context->pb)
			avio_closep(&context->pb);
		avformat_free_context(context);
	}
};

FramePointer frame_of(const Picture &picture, int64_t time)
{
	FramePointer frame(av_frame_alloc());
	frame->format = AV_PIX_FMT_RGBA;
	frame->width = picture.width;
	frame->height = picture.height;
	frame->pts = time;
	frame->colorspace = AVCOL_SPC_RGB;
	frame->color_range = AVCOL_RANGE_JPEG;
	check(av_frame_get_buffer(frame.get(), 0), "there is no memory for a picture");
	av_image_copy_plane(frame->data[0], frame->linesize[0], picture.pixels, static_cast<int>(picture.pitch),
			    4 * picture.width, picture.height);
	return frame;
}

// Pictures encoded into one file, which appears when it is finished.
class EncodedFile {
public:
	EncodedFile(const std::filesystem::path &path, const Encoding &encoding, const Picture &like,
		    const FrameTiming &timing)
		: problem_("cannot write " + path.string()), file_(path)
	{
		const std::string temporary = file_.temporary().string();
		check(avformat_alloc_output_context2(&output_.context, nullptr,
						     is_picture_name(extension_of(path)) ? "image2" : nullptr,
						     temporary.c_str()),
		      problem_);
		const bool wants_global_header = output_.context->oformat->flags & AVFMT_GLOBALHEADER;
		encoder_ = open_encoder(encoding, like.width, like.height, timing,
					wants_global_header ? AV_CODEC_FLAG_GLOBAL_HEADER : 0);
		stream_ = avformat_new_stream(output_.context, nullptr);
		stream_->time_base = encoder_->time_base;
		stream_->avg_frame_rate = encoder_->framerate;
		check(avcodec_parameters_from_context(stream_->codecpar, encoder_.get()), problem_);
		if (!(output_.context->oformat->flags & AVFMT_NOFILE))
			check(avio_open(&output_.context->pb, temporary.c_str(), AVIO_FLAG_WRITE), problem_);
		else
			av_opt_set_int(output_.context->priv_data, "update", 1, 0);
		check(avformat_write_header(output_.context, nullptr), problem_);
	}

	void write(const Picture &picture, int64_t time)
	{
		if (picture.width != encoder_->width || picture.height != encoder_->height)
			throw Error(fmt::format("{}: a picture is {}x{}, those before were {}x{}", problem_,
						picture.width, picture.height, encoder_->width, encoder_->height));
		encode(convert(frame_of(picture, time)));
	}

	void finish()
	{
		encode(nullptr);
		check(av_write_trailer(output_.context), problem_);
		if (output_.context->pb)
			check(avio_closep(&output_.context->pb), problem_);
		file_.commit();
	}

private:
	FramePointer convert(FramePointer frame)
	{
		if (encoder_->pix_fmt == AV_PIX_FMT_RGBA)
			return frame;
		if (!filter_) {
			const bool is_full = encoder_->color_range == AVCOL_RANGE_JPEG;
			filter_.emplace(
				*frame, encoder_->time_base,
				fmt::format(
					"scale=flags=bicubic+accurate_rnd+full_chroma_int:out_color_matrix={}:out_range="
					"{},format=pix_fmts={}",
					encoder_->colorspace == AVCOL_SPC_BT470BG ? "bt601" : "bt709",
					is_full ? "full" : "limited", static_cast<int>(encoder_->pix_fmt)));
		}
		return filter_->apply(std::move(frame));
	}

	void encode(FramePointer frame)
	{
		if (frame)
			frame->pict_type = AV_PICTURE_TYPE_NONE;
		check(avcodec_send_frame(encoder_.get(), frame.get()), problem_);
		while (true) {
			const int received = avcodec_receive_packet(encoder_.get(), packet_.get());
			if (received == AVERROR(EAGAIN) || received == AVERROR_EOF)
				return;
			check(received, problem_);
			packet_->stream_index = stream_->index;
			av_packet_rescale_ts(packet_.get(), encoder_->time_base, stream_->time_base);
			check(av_interleaved_write_frame(output_.context, packet_.get()), problem_);
		}
	}

	std::string problem_;
	AtomicFile file_; // outlives what writes to it
	OutputContext output_;
	CodecContext encoder_;
	AVStream *stream_ = nullptr;
	PacketPointer packet_{av_packet_alloc()};
	std::optional<FrameFilter> filter_;
};

// frame_%04d.png -> frame_0007.png
std::string numbered_name(const std::string &pattern, int number)
{
	char name[4096];
	if (av_get_frame_filename(name, sizeof name, pattern.c_str(), number) < 0)
		throw Error(
			fmt::format("{} is no pattern for a sequence: write one %d, as in frame_%04d.png", pattern));
	return name;
}

} // namespace

MediaFormat media_format(const std::filesystem::path &path, const std::string &codec)
{
	const bool is_picture = is_picture_name(extension_of(path));
	return {!is_picture, is_picture && path.string().find('%') != std::string::npos,
		find_encoding(codec_for(path, codec)).has_alpha};
}

void write_picture(const std::filesystem::path &path, const Picture &picture)
{
	if (!is_picture_name(extension_of(path)))
		throw Error(fmt::format("{} is no name for a picture: use .png, .webp or .jpg", path.string()));
	av_log_set_level(AV_LOG_QUIET);
	EncodedFile file(path, find_encoding(codec_for(path, "auto")), picture, FrameTiming());
	file.write(picture, 0);
	file.finish();
}

struct MediaWriter::State {
	std::filesystem::path path;
	const Encoding &encoding;
	MediaFormat format;
	FrameTiming timing;
	int written = 0;
	std::optional<EncodedFile> file;
};

MediaWriter::MediaWriter(const std::filesystem::path &path, const std::string &codec, const FrameTiming &timing)
	: state_(new State{path, find_encoding(codec_for(path, codec)), media_format(path, codec), timing, 0, {}})
{
	av_log_set_level(AV_LOG_QUIET);
	const AtomicFile probe(state_->format.is_sequence ? numbered_name(path.string(), 1) : path.string());
}

MediaWriter::~MediaWriter() = default;

void MediaWriter::write(const Picture &picture, int64_t time)
{
	state_->written++;
	if (state_->format.is_sequence)
		return write_picture(numbered_name(state_->path.string(), state_->written), picture);
	if (!state_->format.is_video && state_->written > 1)
		throw Error(fmt::format(
			"{} holds one picture, but the source has more: name a sequence (frame_%04d.png) or a "
			"video (.mov)",
			state_->path.string()));
	if (!state_->file)
		state_->file.emplace(state_->path, state_->encoding, picture, state_->timing);
	state_->file->write(picture, time);
}

void MediaWriter::finish()
{
	if (state_->file)
		state_->file->finish();
}

} // namespace matting
