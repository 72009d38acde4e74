// SPDX-License-Identifier: GPL-2.0-or-later
// Owners for FFmpeg's handles, and its errors as ours.
#pragma once

#include "inference/media/media.hpp"

#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
}

namespace matting {

/// FFmpeg frees through pointers to pointers.
template<auto free> struct FreeByAddress {
	template<typename Handle> void operator()(Handle *handle) const noexcept { free(&handle); }
};

using FramePointer = std::unique_ptr<AVFrame, FreeByAddress<av_frame_free>>;
using PacketPointer = std::unique_ptr<AVPacket, FreeByAddress<av_packet_free>>;
using CodecContext = std::unique_ptr<AVCodecContext, FreeByAddress<avcodec_free_context>>;
using InputContext = std::unique_ptr<AVFormatContext, FreeByAddress<avformat_close_input>>;
using FilterGraph = std::unique_ptr<AVFilterGraph, FreeByAddress<avfilter_graph_free>>;

inline std::string ffmpeg_error(int code)
{
	char text[AV_ERROR_MAX_STRING_SIZE];
	return av_make_error_string(text, sizeof text, code);
}

/// Throws Error "<what>: <FFmpeg's words>" for a negative code; passes others on.
inline int check(int code, const std::string &what)
{
	if (code < 0)
		throw Error(what + ": " + ffmpeg_error(code));
	return code;
}

/// Copies between our pictures and FFmpeg's, both RGBA. Throws Error.
FramePointer frame_of(const Picture &picture, int64_t time);
Bitmap bitmap_of(const AVFrame &frame);

/// Frames through a chain of filters, between two formats. Thread-safety: none.
class FrameFilter {
public:
	/// `description`: filters as the ffmpeg program takes them. Throws Error.
	FrameFilter(const AVFrame &like, AVRational time_base, const std::string &description);
	/// All throw Error. Some filters want to see the next frame, or the end (null), before they give one; then `pull` gives
	/// null. Times are in the time base that went in.
	void push(FramePointer frame);
	FramePointer pull();
	/// For filters that give a frame for each.
	FramePointer apply(FramePointer frame);

private:
	FilterGraph graph_;
	AVRational time_base_;
	AVFilterContext *source_ = nullptr;
	AVFilterContext *sink_ = nullptr;
};

} // namespace matting
