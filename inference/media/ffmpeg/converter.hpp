// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "colour_profile.hpp"
#include "conversion.hpp"

#include <deque>
#include <optional>
#include <string>

namespace matting {

/// Makes a source's frames, one after the other, RGBA8 as it is seen. Thread-safety: none.
class Converter {
public:
	/// What is done to the first frame is noted in `facts`, which outlive it.
	explicit Converter(MediaFacts &facts) : facts_(facts) {}

	/// `frame`, with its time, `duration` and `place` in a sequence. Throws Error, in a few words; what was ready is so still.
	void push(FramePointer frame, int64_t duration, const Input &input, AVStream &stream, int64_t place);
	/// There is no other frame: those that were kept until the next become ready.
	void end();

	bool is_empty() const { return ready_.empty(); }
	const AVFrame &front() const { return *ready_.front(); }
	TimedBitmap pop();

private:
	void take_profile(AVFrame &frame);
	void take_converted();

	MediaFacts &facts_;
	std::optional<FrameFilter> filter_;
	std::string filter_kind_;              // of frames, that it is for
	std::optional<ColourProfile> profile_; // of the same
	std::deque<FramePointer> ready_;
	std::deque<int64_t> durations_; // of these, and of what the filter keeps
};

} // namespace matting
