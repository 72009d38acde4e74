// SPDX-License-Identifier: GPL-2.0-or-later
#include "converter.hpp"

#include <fmt/format.h>

namespace matting {

void Converter::push(FramePointer frame, int64_t duration, const Input &input, AVStream &stream, int64_t place)
{
	take_profile(*frame);
	complete(*frame, input, stream);
	const Conversion conversion = conversion_of(*frame, input, stream, input.orientation(place));
	const std::string kind =
		fmt::format("{}x{} {} {}", frame->width, frame->height, frame->format, conversion.filters);
	const std::string colours = colours_of(*frame);
	try {
		if (!filter_ || kind != filter_kind_) {
			end();
			const Fraction &unit = facts_.timing.unit;
			filter_.emplace(*frame, AVRational{unit.numerator, unit.denominator}, conversion.filters);
			if (!conversion.note.empty() && filter_kind_.empty())
				facts_.notes.push_back(conversion.note);
			filter_kind_ = kind;
		}
		filter_->push(std::move(frame));
	} catch (const Error &error) {
		filter_.reset();
		throw Error(fmt::format("{}; its colours are {}: convert it to BT.709 first", error.what(), colours));
	}
	durations_.push_back(duration);
	take_converted();
}

// What a profile says of the colours counts more than what the file does; of HDR it says too little.
void Converter::take_profile(AVFrame &frame)
{
	const std::string_view bytes = is_hdr(frame) ? std::string_view() : profile_in(frame);
	if (!profile_ || profile_->bytes() != bytes) {
		end();
		profile_.emplace(bytes, is_grey(frame));
		for (const auto &[text, lines] :
		     {std::pair(profile_->note(), &facts_.notes), std::pair(profile_->warning(), &facts_.warnings)})
			if (!text.empty() && filter_kind_.empty())
				lines->push_back(text);
	}
	if (profile_->is_known()) {
		frame.color_primaries = AVCOL_PRI_UNSPECIFIED;
		frame.color_trc = AVCOL_TRC_UNSPECIFIED;
	}
}

void Converter::take_converted()
{
	while (FramePointer converted = filter_->pull()) {
		profile_->apply(*converted);
		ready_.push_back(std::move(converted));
	}
}

// Some filters keep frames until they have seen the next.
void Converter::end()
{
	if (!filter_)
		return;
	filter_->push(nullptr);
	take_converted();
	filter_.reset();
}

TimedBitmap Converter::pop()
{
	const FramePointer frame = std::move(ready_.front());
	const int64_t duration = durations_.front();
	ready_.pop_front();
	durations_.pop_front();
	return {bitmap_of(*frame), frame->pts, duration};
}

} // namespace matting
