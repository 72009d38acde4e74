// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend.hpp"
#include "colour_profile.hpp"
#include "conversion.hpp"
#include "decoder.hpp"
#include "times.hpp"

#include "inference/media/file_names.hpp"

#include <deque>
#include <exception>

#include <fmt/format.h>

namespace matting {
namespace {

class FfmpegReader : public MediaReader {
public:
	FfmpegReader(const std::filesystem::path &path, const ReadSettings &settings);

	std::optional<TimedBitmap> read() override;
	const MediaFacts &facts() const override { return facts_; }

private:
	void open();
	void go_to_start();
	bool only_its_end_tells() const;
	void describe();
	std::optional<int64_t> expected_frames() const;
	FramePointer decode();
	bool has_enough() const;
	bool is_beyond(const AVFrame &frame) const;
	void fill();
	void take_next();
	void convert(FramePointer frame);
	void take_profile(AVFrame &frame);
	void end_filter();
	void take_converted();

	const ReadSettings settings_;
	std::optional<Input> input_;
	std::optional<Decoder> decoder_;
	std::optional<FrameTimes> times_;
	std::optional<FrameFilter> filter_;
	std::string filter_kind_;              // of frames, that it is for
	std::optional<ColourProfile> profile_; // of the same
	FramePointer next_;                    // decoded, to be converted
	std::deque<FramePointer> ready_;       // converted
	std::exception_ptr failure_;           // after what is ready
	bool has_ended_ = false;
	int64_t taken_ = 0; // that are to be converted, or were
	MediaFacts facts_;
};

FfmpegReader::FfmpegReader(const std::filesystem::path &path, const ReadSettings &settings) : settings_(settings)
{
	av_log_set_level(AV_LOG_QUIET); // its words come with our errors
	facts_.path = path;
	open();
	go_to_start();
	if (is_beyond(*next_))
		throw no_frame_in(path.string(), settings);
	times_->begin(*next_);
	taken_ = 1;
	fill();
	if (ready_.empty())
		std::rethrow_exception(failure_);
	if (only_its_end_tells())
		take_next();
	describe();
}

// Whether it is a picture.
bool FfmpegReader::only_its_end_tells() const
{
	const bool is_whole = !settings_.frames && !settings_.duration && settings_.start <= 0;
	return input_->is_picture() ? input_->is_pipe() : input_->may_be_picture() && is_whole;
}

void FfmpegReader::open()
{
	decoder_.reset();
	input_.emplace(facts_.path, settings_);
	decoder_.emplace(*input_);
	times_.emplace(rate_of(*input_, decoder_->stream(), settings_.rate), decoder_->stream().time_base);
	facts_.timing = times_->timing();
	next_ = decode();
	if (!next_)
		throw input_->without_picture();
	if (settings_.rate && !input_->is_picture() && next_->best_effort_timestamp != AV_NOPTS_VALUE)
		throw Error(fmt::format("{} has times of its own: --fps is for sequences", facts_.path.string()));
	times_->set_first(*next_);
}

// The next frame as it is stored; null at the end.
FramePointer FfmpegReader::decode()
{
	try {
		FramePointer frame = decoder_->next();
		if (frame)
			times_->stamp(*frame);
		return frame;
	} catch (const Error &error) {
		if (input_->is_stopped())
			throw Error("interrupted");
		const std::string what =
			input_->numbers()
				? numbered_name(facts_.path, input_->numbers()->first + static_cast<int>(taken_))
			: input_->is_picture() ? facts_.path.string()
					       : fmt::format("frame {} of {}", taken_ + 1, facts_.path.string());
		throw Error(fmt::format("cannot read {}: {}", what, error.what()));
	}
}

// Sequences are opened where they are wanted. Of the rest, seeking brings near; where it would go too far, all is decoded.
void FfmpegReader::go_to_start()
{
	if (settings_.start <= 0 || input_->numbers())
		return;
	const bool has_times = next_->best_effort_timestamp != AV_NOPTS_VALUE;
	if (has_times && decoder_->seek(times_->ticks_at(settings_.start))) {
		try {
			next_ = decode();
		} catch (const Error &) {
			next_ = nullptr;
		}
		const double position = settings_.start + 0.5 / facts_.timing.rate.value();
		if (!next_ || !times_->is_before(*next_, position))
			open();
	}
	while (next_ && times_->is_before(*next_, settings_.start))
		next_ = decode();
	if (!next_)
		throw Error(fmt::format("{}: it ends before {} s", input_->problem(), settings_.start));
}

void FfmpegReader::describe()
{
	facts_.origin = times_->origin();
	facts_.frames = expected_frames();
	facts_.is_sequence = input_->numbers().has_value();
	facts_.is_picture =
		!facts_.is_sequence && (only_its_end_tells() ? has_ended_ && !failure_ : input_->is_picture());
	facts_.loses_sound =
		input_->is_pipe() && av_find_best_stream(input_->get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0) >= 0;
	if (facts_.is_sequence)
		facts_.first_number = input_->numbers()->first;
	const AVRational aspect = ready_.front()->sample_aspect_ratio;
	constexpr double extreme = 4;
	if (aspect.num > 0 && aspect.den > 0 && av_q2d(aspect) < extreme && av_q2d(aspect) > 1 / extreme)
		facts_.pixel_aspect = {aspect.num, aspect.den};
	if (decoder_->left_out() > 0)
		facts_.notes.push_back(
			fmt::format("{} packets before its first whole frame are left out", decoder_->left_out()));
}

std::optional<int64_t> FfmpegReader::expected_frames() const
{
	if (input_->numbers())
		return input_->numbers()->count;
	const AVStream &stream = decoder_->stream();
	double seconds = stream.duration > 0       ? static_cast<double>(stream.duration) * av_q2d(stream.time_base)
			 : (*input_)->duration > 0 ? static_cast<double>((*input_)->duration) / AV_TIME_BASE
						   : 0;
	const bool is_whole = settings_.start <= 0 && !settings_.duration;
	if (is_whole && stream.nb_frames > 0)
		return std::min(stream.nb_frames, settings_.frames.value_or(stream.nb_frames));
	if (seconds <= settings_.start)
		return settings_.frames;
	seconds = std::min(seconds - settings_.start, settings_.duration.value_or(seconds));
	const int64_t frames = std::llround(seconds * facts_.timing.rate.value());
	return std::min(frames, settings_.frames.value_or(frames));
}

// Whether no more frames are wanted than were taken. Of a picture it is the first: some files have another hidden in them.
bool FfmpegReader::has_enough() const
{
	const bool is_one = input_->is_picture() && !input_->numbers() && !input_->is_pipe();
	return has_ended_ || is_one || (input_->numbers() && taken_ == input_->numbers()->count) ||
	       taken_ == settings_.frames;
}

bool FfmpegReader::is_beyond(const AVFrame &frame) const
{
	return settings_.duration && !input_->numbers() &&
	       !times_->is_before(frame, settings_.start + *settings_.duration);
}

// Until a frame is ready, or no more will be.
void FfmpegReader::fill()
{
	if (next_)
		convert(std::move(next_));
	while (ready_.empty() && !has_ended_)
		take_next();
}

void FfmpegReader::take_next()
{
	try {
		next_ = has_enough() ? nullptr : decode();
	} catch (const Error &) {
		failure_ = std::current_exception();
	}
	if (!next_ || is_beyond(*next_)) {
		has_ended_ = true;
		next_ = nullptr;
		end_filter();
	} else {
		taken_++;
		convert(std::move(next_));
	}
}

void FfmpegReader::convert(FramePointer frame)
{
	take_profile(*frame);
	complete(*frame, *input_, decoder_->stream());
	const Conversion conversion =
		conversion_of(*frame, *input_, decoder_->stream(), input_->orientation(taken_ - 1));
	const std::string kind =
		fmt::format("{}x{} {} {}", frame->width, frame->height, frame->format, conversion.filters);
	frame->pts = times_->time_of(*frame);
	if (!filter_ || kind != filter_kind_) {
		end_filter();
		const Fraction &unit = times_->timing().unit;
		filter_.emplace(*frame, AVRational{unit.numerator, unit.denominator}, conversion.filters);
		if (!conversion.note.empty() && filter_kind_.empty())
			facts_.notes.push_back(conversion.note);
		filter_kind_ = kind;
	}
	filter_->push(std::move(frame));
	take_converted();
}

// What a profile says of the colours counts more than what the file does; of HDR it says too little.
void FfmpegReader::take_profile(AVFrame &frame)
{
	const std::string_view bytes = is_hdr(frame) ? std::string_view() : profile_in(frame);
	if (!profile_ || profile_->bytes() != bytes) {
		end_filter();
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

void FfmpegReader::take_converted()
{
	while (FramePointer converted = filter_->pull()) {
		profile_->apply(*converted);
		ready_.push_back(std::move(converted));
	}
}

// Some filters keep frames until they have seen the next.
void FfmpegReader::end_filter()
{
	if (!filter_)
		return;
	filter_->push(nullptr);
	take_converted();
	filter_.reset();
}

std::optional<TimedBitmap> FfmpegReader::read()
{
	fill();
	if (ready_.empty() && failure_)
		std::rethrow_exception(failure_);
	if (ready_.empty())
		return std::nullopt;
	const FramePointer frame = std::move(ready_.front());
	ready_.pop_front();
	return TimedBitmap{bitmap_of(*frame), frame->pts};
}

} // namespace

std::unique_ptr<MediaReader> open_reader(const std::filesystem::path &path, const ReadSettings &settings)
{
	return std::make_unique<FfmpegReader>(path, settings);
}

} // namespace matting
