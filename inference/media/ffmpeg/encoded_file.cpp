// SPDX-License-Identifier: GPL-2.0-or-later
#include "encoded_file.hpp"

#include "encodings.hpp"
#include "spread_colours.hpp"

#include "inference/media/file_names.hpp"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace matting {
namespace {

// What Apple's players want to see in MP4 and MOV; 0 elsewhere.
uint32_t tag_for_players(const AVOutputFormat &format)
{
	const std::string_view name = format.name;
	return name == "mp4" || name == "mov" ? MKTAG('h', 'v', 'c', '1') : 0;
}

} // namespace

EncodedFile::EncodedFile(const std::filesystem::path &path, const Format &format, int width, int height,
			 const WriteSettings &settings)
	: problem_("cannot write " + (is_standard_output(path) ? "to the standard output" : path.string()))
{
	if (!is_standard_output(path))
		file_.emplace(path);
	const std::string url = file_ ? local_url(file_->temporary()) : "pipe:1";
	const char *muxer = !format.is_video ? "image2pipe" : file_ ? nullptr : "matroska";
	// A picture is its one packet; so pictures and videos are opened, written and closed alike.
	check(avformat_alloc_output_context2(&output_.context, nullptr, muxer, url.c_str()), problem_);
	const bool wants_global_header = output_.context->oformat->flags & AVFMT_GLOBALHEADER;
	encoder_ = open_encoder(format, width, height, settings, wants_global_header ? AV_CODEC_FLAG_GLOBAL_HEADER : 0);
	stream_ = avformat_new_stream(output_.context, nullptr);
	stream_->time_base = encoder_->time_base;
	stream_->avg_frame_rate = encoder_->framerate;
	stream_->sample_aspect_ratio = encoder_->sample_aspect_ratio;
	check(avcodec_parameters_from_context(stream_->codecpar, encoder_.get()), problem_);
	if (encoder_->codec_id == AV_CODEC_ID_HEVC)
		stream_->codecpar->codec_tag = tag_for_players(*output_.context->oformat);
	check(avio_open(&output_.context->pb, url.c_str(), AVIO_FLAG_WRITE), problem_);
	if (format.is_video && !settings.companion.empty())
		companion_.emplace(settings, *output_.context);
	check(avformat_write_header(output_.context, nullptr), problem_);
}

void EncodedFile::write(FramePointer frame, int64_t duration)
{
	if (frame->width != encoder_->width || frame->height != encoder_->height)
		throw Error(fmt::format("{}: a picture is {}x{}, those before were {}x{}", problem_, frame->width,
					frame->height, encoder_->width, encoder_->height));
	const AVPixFmtDescriptor &pixels = *av_pix_fmt_desc_get(encoder_->pix_fmt);
	if ((pixels.flags & AV_PIX_FMT_FLAG_ALPHA) && !(pixels.flags & AV_PIX_FMT_FLAG_RGB)) // YUV: it is lossy
		spread_colours(*frame);
	last_time_ = frame->pts;
	last_duration_ = duration;
	encode(convert(std::move(frame)));
}

void EncodedFile::finish()
{
	encode(nullptr);
	if (companion_)
		companion_->write_until(end_);
	check(av_write_trailer(output_.context), problem_);
	check(avio_closep(&output_.context->pb), problem_);
	if (file_)
		file_->commit();
}

FramePointer EncodedFile::convert(FramePointer frame)
{
	FramePointer converted = to_encoders_pixels(std::move(frame));
	// The filter leaves the source's; some encoders (ProRes) write the frame's, not their own.
	converted->color_range = encoder_->color_range;
	converted->colorspace = encoder_->colorspace;
	converted->color_primaries = encoder_->color_primaries;
	converted->color_trc = encoder_->color_trc;
	converted->chroma_location = encoder_->chroma_sample_location;
	return converted;
}

FramePointer EncodedFile::to_encoders_pixels(FramePointer frame)
{
	if (encoder_->pix_fmt == AV_PIX_FMT_RGBA)
		return frame;
	if (!filter_) {
		const bool is_full = encoder_->color_range == AVCOL_RANGE_JPEG;
		filter_.emplace(
			*frame, encoder_->time_base,
			encoder_->pix_fmt == AV_PIX_FMT_GRAY8
				? "extractplanes=r" // one of three equal ones
				: fmt::format("scale=flags=bicubic+accurate_rnd+full_chroma_int:out_color_matrix={}:"
					      "out_range={}{},format=pix_fmts={}",
					      encoder_->colorspace == AVCOL_SPC_BT470BG ? "bt601" : "bt709",
					      is_full ? "full" : "limited",
					      encoder_->chroma_sample_location == AVCHROMA_LOC_LEFT ? ":out_h_chr_pos=0"
												    : "",
					      static_cast<int>(encoder_->pix_fmt)));
	}
	return filter_->apply(std::move(frame));
}

void EncodedFile::encode(FramePointer frame)
{
	if (frame) {
		frame->pict_type = AV_PICTURE_TYPE_NONE;
		sent_++;
	}
	check(avcodec_send_frame(encoder_.get(), frame.get()), problem_);
	while (true) {
		const int received = avcodec_receive_packet(encoder_.get(), packet_.get());
		if (received == AVERROR(EAGAIN) || received == AVERROR_EOF)
			return;
		check(received, problem_);
		packet_->stream_index = stream_->index;
		if (sent_ < 3) // x265 has odd times for so few; and there is nothing to reorder
			packet_->dts = packet_->pts;
		if (packet_->duration == 0) // else the last frame has none
			packet_->duration = av_rescale_q(1, av_inv_q(encoder_->framerate), encoder_->time_base);
		if (packet_->pts == last_time_) // a slide's can be long
			packet_->duration = std::max(packet_->duration, last_duration_);
		const double unit = av_q2d(encoder_->time_base);
		end_ = std::max(end_, static_cast<double>(packet_->pts + packet_->duration) * unit);
		if (companion_)
			companion_->write_until(static_cast<double>(packet_->pts) * unit);
		av_packet_rescale_ts(packet_.get(), encoder_->time_base, stream_->time_base);
		check(av_interleaved_write_frame(output_.context, packet_.get()), problem_);
	}
}

} // namespace matting
