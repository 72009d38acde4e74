// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend.hpp"
#include "encoded_file.hpp"
#include "encodings.hpp"

#include "inference/atomic_file.hpp"
#include "inference/media/file_names.hpp"
#include "inference/media/pipeline.hpp"

#include <fmt/format.h>

namespace matting {
namespace {

/// The pictures of a sequence, each a file; several are encoded at once.
class SequenceFiles {
public:
	SequenceFiles(std::filesystem::path path, const WriteSettings &settings)
		: path_(std::move(path)), settings_(settings),
		  crew_(settings.threads, [this](NumberedFrame frame) { write(std::move(frame)); })
	{
	}

	/// Throws Error, perhaps that of a picture before.
	void write(int number, FramePointer frame) { crew_.push({number, std::move(frame)}); }
	void finish() { crew_.finish(); }

private:
	struct NumberedFrame {
		int number;
		FramePointer frame;
	};

	void write(NumberedFrame picture) const
	{
		const std::filesystem::path path = numbered_name(path_, picture.number);
		EncodedFile file(path, find_format(path, "auto"), picture.frame->width, picture.frame->height,
				 settings_);
		file.write(std::move(picture.frame), 0);
		file.finish();
	}

	const std::filesystem::path path_;
	const WriteSettings &settings_;
	Crew<NumberedFrame> crew_;
};

class FfmpegWriter : public MediaWriter {
public:
	FfmpegWriter(const std::filesystem::path &path, const WriteSettings &settings)
		: path_(path), format_(find_format(path, settings.codec, settings.channels == Channels::alpha)),
		  is_sequence_(!format_.is_video && is_sequence_name(path)), settings_(settings)
	{
		av_log_set_level(AV_LOG_QUIET); // its words come with our errors
		if (settings.crf && !takes_crf(format_))
			throw Error(fmt::format("{} has no --crf: leave it out, or choose h264, h265, vp9 or av1",
						format_.codec));
		if (!is_standard_output(path))
			const AtomicFile probe(is_sequence_ ? numbered_name(path, settings.first_number)
							    : path.string());
	}

	void write(const Picture &picture, int64_t time, int64_t duration) override;
	void finish() override;
	std::vector<std::string> notes() const override { return notes_; }

private:
	const std::filesystem::path path_;
	const Format &format_;
	const bool is_sequence_;
	const WriteSettings settings_;
	int written_ = 0;
	std::optional<SequenceFiles> sequence_;
	std::optional<EncodedFile> file_;
	std::vector<std::string> notes_;
};

void FfmpegWriter::write(const Picture &picture, int64_t time, int64_t duration)
{
	written_++;
	if (is_sequence_) {
		if (!sequence_)
			sequence_.emplace(path_, settings_);
		return sequence_->write(settings_.first_number + written_ - 1, frame_of(picture, 0));
	}
	if (!format_.is_video && written_ > 1)
		throw holds_one_picture(path_);
	if (!file_)
		file_.emplace(path_, format_, picture.width, picture.height, settings_);
	file_->write(frame_of(picture, time), duration);
}

void FfmpegWriter::finish()
{
	if (sequence_)
		sequence_->finish();
	if (!file_)
		return;
	file_->finish();
	notes_ = file_->notes();
}

} // namespace

std::unique_ptr<MediaWriter> create_writer(const std::filesystem::path &path, const WriteSettings &settings)
{
	return std::make_unique<FfmpegWriter>(path, settings);
}

} // namespace matting
