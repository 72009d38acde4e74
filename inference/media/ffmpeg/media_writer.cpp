// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend.hpp"
#include "encodings.hpp"
#include "spread_colours.hpp"

#include "inference/atomic_file.hpp"
#include "inference/media/file_names.hpp"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <fmt/format.h>

namespace matting {
namespace {

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

// Pictures encoded into one file, which appears when it is finished.
class EncodedFile {
public:
	EncodedFile(const std::filesystem::path &path, const Format &format, const Picture &like,
		    const FrameTiming &timing)
		: problem_("cannot write " + path.string()), file_(path)
	{
		const std::string temporary = local_url(file_.temporary());
		// A picture is its one packet; so pictures and videos are opened, written and closed alike.
		check(avformat_alloc_output_context2(&output_.context, nullptr,
						     format.is_video ? nullptr : "image2pipe", temporary.c_str()),
		      problem_);
		const bool wants_global_header = output_.context->oformat->flags & AVFMT_GLOBALHEADER;
		encoder_ = open_encoder(format, like.width, like.height, timing,
					wants_global_header ? AV_CODEC_FLAG_GLOBAL_HEADER : 0);
		stream_ = avformat_new_stream(output_.context, nullptr);
		stream_->time_base = encoder_->time_base;
		stream_->avg_frame_rate = encoder_->framerate;
		check(avcodec_parameters_from_context(stream_->codecpar, encoder_.get()), problem_);
		check(avio_open(&output_.context->pb, temporary.c_str(), AVIO_FLAG_WRITE), problem_);
		check(avformat_write_header(output_.context, nullptr), problem_);
	}

	void write(const Picture &picture, int64_t time)
	{
		if (picture.width != encoder_->width || picture.height != encoder_->height)
			throw Error(fmt::format("{}: a picture is {}x{}, those before were {}x{}", problem_,
						picture.width, picture.height, encoder_->width, encoder_->height));
		FramePointer frame = frame_of(picture, time);
		const AVPixFmtDescriptor &pixels = *av_pix_fmt_desc_get(encoder_->pix_fmt);
		if ((pixels.flags & AV_PIX_FMT_FLAG_ALPHA) && !(pixels.flags & AV_PIX_FMT_FLAG_RGB)) // YUV: it is lossy
			spread_colours(*frame);
		encode(convert(std::move(frame)));
	}

	void finish()
	{
		encode(nullptr);
		check(av_write_trailer(output_.context), problem_);
		check(avio_closep(&output_.context->pb), problem_);
		file_.commit();
	}

private:
	FramePointer convert(FramePointer frame)
	{
		FramePointer converted = to_encoders_pixels(std::move(frame));
		// The filter leaves the source's; some encoders (ProRes) write the frame's, not their own.
		converted->color_range = encoder_->color_range;
		converted->colorspace = encoder_->colorspace;
		converted->color_primaries = encoder_->color_primaries;
		converted->color_trc = encoder_->color_trc;
		return converted;
	}

	FramePointer to_encoders_pixels(FramePointer frame)
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
			if (packet_->duration == 0) // else the last frame has none
				packet_->duration = av_rescale_q(1, av_inv_q(encoder_->framerate), encoder_->time_base);
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

void write_one(const std::filesystem::path &path, const Picture &picture)
{
	EncodedFile file(path, find_format(path, "auto"), picture, FrameTiming());
	file.write(picture, 0);
	file.finish();
}

class FfmpegWriter : public MediaWriter {
public:
	FfmpegWriter(const std::filesystem::path &path, const std::string &codec, const FrameTiming &timing)
		: path_(path), format_(find_format(path, codec)),
		  is_sequence_(!format_.is_video && is_sequence_name(path)), timing_(timing)
	{
		av_log_set_level(AV_LOG_QUIET); // its words come with our errors
		const AtomicFile probe(is_sequence_ ? numbered_name(path, 1) : path.string());
	}

	void write(const Picture &picture, int64_t time) override;
	void finish() override;

private:
	const std::filesystem::path path_;
	const Format &format_;
	const bool is_sequence_;
	const FrameTiming timing_;
	int written_ = 0;
	std::optional<EncodedFile> file_;
};

void FfmpegWriter::write(const Picture &picture, int64_t time)
{
	written_++;
	if (is_sequence_)
		return write_one(numbered_name(path_, written_), picture);
	if (!format_.is_video && written_ > 1)
		throw Error(fmt::format(
			"{} holds one picture, but the source has more: name a sequence (frame_%04d.png) or a "
			"video (.mov)",
			path_.string()));
	if (!file_)
		file_.emplace(path_, format_, picture, timing_);
	file_->write(picture, time);
}

void FfmpegWriter::finish()
{
	if (file_)
		file_->finish();
}

} // namespace

std::unique_ptr<MediaWriter> create_writer(const std::filesystem::path &path, const std::string &codec,
					   const FrameTiming &timing)
{
	return std::make_unique<FfmpegWriter>(path, codec, timing);
}

} // namespace matting
