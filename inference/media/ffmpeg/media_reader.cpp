// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend.hpp"
#include "converter.hpp"
#include "decoder.hpp"
#include "times.hpp"

#include "inference/media/file_names.hpp"

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
	void pass_to_start();
	bool only_its_end_tells() const;
	void describe();
	std::optional<int64_t> expected_frames() const;
	FramePointer decode();
	bool has_enough() const;
	bool is_beyond(const AVFrame &frame) const;
	void fill();
	void take_next();
	void convert(FramePointer frame);
	std::string name_of(int64_t place) const;

	const ReadSettings settings_;
	std::optional<Input> input_;
	std::optional<Decoder> decoder_;
	std::optional<FrameTimes> times_;
	MediaFacts facts_;
	FramePointer next_;           // decoded, to be converted
	Converter converter_{facts_}; // has those that can be read
	std::exception_ptr failure_;  // after these
	bool has_ended_ = false;
	int64_t taken_ = 0; // that are to be converted, or were
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
	if (converter_.is_empty())
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
	// A GIF's frames cover what was before: one that begins opaque stays so.
	facts_.has_alpha = has_alpha(*next_) && decoder_->stream().codecpar->codec_id != AV_CODEC_ID_GIF;
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
		throw Error(fmt::format("cannot read {}: {}", name_of(taken_), error.what()));
	}
}

// Of the frame with that place.
std::string FfmpegReader::name_of(int64_t place) const
{
	if (input_->numbers())
		return numbered_name(facts_.path, input_->numbers()->first + static_cast<int>(place));
	return input_->is_picture() ? facts_.path.string()
				    : fmt::format("frame {} of {}", place + 1, facts_.path.string());
}

// Sequences are opened where they are wanted. Of the rest, seeking brings near; where it would go too far, all is decoded.
void FfmpegReader::go_to_start()
{
	if (settings_.start <= 0 || input_->numbers())
		return;
	const bool has_times = next_->best_effort_timestamp != AV_NOPTS_VALUE;
	bool has_sought = false;
	if (has_times && decoder_->seek(times_->ticks_at(settings_.start))) {
		try {
			next_ = decode();
		} catch (const Error &) {
			next_ = nullptr;
		}
		const double position = settings_.start + 0.5 / facts_.timing.rate.value();
		has_sought = next_ && times_->is_before(*next_, position);
		if (!has_sought)
			open();
	}
	pass_to_start();
	if (!next_ && has_sought && (*input_)->iformat->flags & AVFMT_TS_DISCONT) { // its clock may have been set back
		open();
		pass_to_start();
	}
	if (!next_)
		throw Error(fmt::format("{}: it ends before {} s", input_->problem(), settings_.start));
}

void FfmpegReader::pass_to_start()
{
	while (next_ && times_->is_before(*next_, settings_.start))
		next_ = decode();
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
	const AVRational aspect = converter_.front().sample_aspect_ratio;
	constexpr double extreme = 4;
	if (aspect.num > 0 && aspect.den > 0 && av_q2d(aspect) < extreme && av_q2d(aspect) > 1 / extreme)
		facts_.pixel_aspect = {aspect.num, aspect.den};
	if (!facts_.has_alpha && input_->has_alpha_apart())
		facts_.warnings.emplace_back("its own alpha is not read; convert it to PNG to keep that");
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
	while (converter_.is_empty() && !has_ended_)
		take_next();
}

void FfmpegReader::take_next()
{
	try {
		next_ = has_enough() ? nullptr : decode();
		if (next_ && !is_beyond(*next_)) {
			taken_++;
			convert(std::move(next_));
			return;
		}
	} catch (const Error &) {
		failure_ = std::current_exception();
	}
	has_ended_ = true;
	next_ = nullptr;
	converter_.end();
}

void FfmpegReader::convert(FramePointer frame)
{
	frame->pts = times_->time_of(*frame);
	const int64_t duration = times_->duration_of(*frame);
	try {
		converter_.push(std::move(frame), duration, *input_, decoder_->stream(), taken_ - 1);
	} catch (const Error &error) {
		throw Error(fmt::format("cannot read {}: {}", name_of(taken_ - 1), error.what()));
	}
}

std::optional<TimedBitmap> FfmpegReader::read()
{
	fill();
	if (converter_.is_empty() && failure_)
		std::rethrow_exception(failure_);
	if (converter_.is_empty())
		return std::nullopt;
	return converter_.pop();
}

} // namespace

std::unique_ptr<MediaReader> open_reader(const std::filesystem::path &path, const ReadSettings &settings)
{
	return std::make_unique<FfmpegReader>(path, settings);
}

} // namespace matting
