// SPDX-License-Identifier: GPL-2.0-or-later
#include "ffmpeg.hpp"

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/imgutils.h>
}

#include <fmt/format.h>

namespace matting {

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

Bitmap bitmap_of(const AVFrame &frame)
{
	Bitmap bitmap(frame.width, frame.height);
	av_image_copy_plane(bitmap.pixels.data(), 4 * bitmap.width, frame.data[0], frame.linesize[0], 4 * bitmap.width,
			    bitmap.height);
	return bitmap;
}

FrameFilter::FrameFilter(const AVFrame &like, AVRational time_base, const std::string &description)
	: graph_(avfilter_graph_alloc()), time_base_(time_base)
{
	const std::string problem = "the picture cannot be converted";
	const auto arguments = fmt::format("video_size={}x{}:pix_fmt={}:time_base={}/{}:pixel_aspect={}/{}", like.width,
					   like.height, like.format, time_base.num, time_base.den,
					   like.sample_aspect_ratio.num, std::max(like.sample_aspect_ratio.den, 1));
	check(avfilter_graph_create_filter(&source_, avfilter_get_by_name("buffer"), "in", arguments.c_str(), nullptr,
					   graph_.get()),
	      problem);
	check(avfilter_graph_create_filter(&sink_, avfilter_get_by_name("buffersink"), "out", nullptr, nullptr,
					   graph_.get()),
	      problem);
	AVFilterInOut *open_input = avfilter_inout_alloc(), *open_output = avfilter_inout_alloc();
	*open_output = {av_strdup("in"), source_, 0, nullptr};
	*open_input = {av_strdup("out"), sink_, 0, nullptr};
	const int parsed =
		avfilter_graph_parse_ptr(graph_.get(), description.c_str(), &open_input, &open_output, nullptr);
	avfilter_inout_free(&open_input);
	avfilter_inout_free(&open_output);
	check(parsed, problem);
	check(avfilter_graph_config(graph_.get(), nullptr), problem);
}

void FrameFilter::push(FramePointer frame)
{
	check(av_buffersrc_add_frame(source_, frame.get()), "the picture cannot be converted");
}

FramePointer FrameFilter::pull()
{
	FramePointer result(av_frame_alloc());
	const int pulled = av_buffersink_get_frame(sink_, result.get());
	if (pulled == AVERROR(EAGAIN) || pulled == AVERROR_EOF)
		return nullptr;
	check(pulled, "the picture cannot be converted");
	result->pts = av_rescale_q(result->pts, av_buffersink_get_time_base(sink_), time_base_);
	return result;
}

FramePointer FrameFilter::apply(FramePointer frame)
{
	push(std::move(frame));
	return pull();
}

} // namespace matting
