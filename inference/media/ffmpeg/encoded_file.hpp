// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "companion.hpp"
#include "ffmpeg.hpp"

#include "inference/atomic_file.hpp"
#include "inference/media/formats.hpp"

#include <optional>
#include <string>
#include <vector>

namespace matting {

/// Pictures encoded into one file, which appears when it is finished. All members throw Error. Thread-safety: none.
class EncodedFile {
public:
	EncodedFile(const std::filesystem::path &path, const Format &format, int width, int height,
		    const WriteSettings &settings);

	/// RGBA, as `frame_of` makes it. `duration`: see MediaWriter.
	void write(FramePointer frame, int64_t duration);
	void finish();
	/// What of the companion could not be kept.
	std::vector<std::string> notes() const { return companion_ ? companion_->notes() : std::vector<std::string>(); }

private:
	/// A file that a muxer writes to.
	struct OutputContext {
		AVFormatContext *context = nullptr;
		~OutputContext()
		{
			if (context && context->pb)
				avio_closep(&context->pb);
			avformat_free_context(context);
		}
	};

	FramePointer convert(FramePointer frame);
	FramePointer to_encoders_pixels(FramePointer frame);
	void encode(FramePointer frame);

	std::string problem_;
	std::optional<AtomicFile> file_; // outlives what writes to it; none: the standard output
	OutputContext output_;
	CodecContext encoder_;
	AVStream *stream_ = nullptr;
	PacketPointer packet_{av_packet_alloc()};
	std::optional<FrameFilter> filter_;
	std::optional<Companion> companion_;
	int64_t sent_ = 0;                          // frames
	int64_t last_time_ = 0, last_duration_ = 0; // of that sent last
	double end_ = 0;                            // of the pictures, in seconds
};

} // namespace matting
