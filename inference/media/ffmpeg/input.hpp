// SPDX-License-Identifier: GPL-2.0-or-later
// What FFmpeg's demuxers read from: a file, a sequence of pictures, or a pipe.
#pragma once

#include "ffmpeg.hpp"

#include "inference/error.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace matting {

/// A pipe, as FFmpeg reads it; waiting for it can be ended.
class PipeInput {
public:
	/// "-" is the standard input. Throws Error.
	PipeInput(const std::filesystem::path &path, std::function<bool()> is_stopped);
	~PipeInput();
	PipeInput(const PipeInput &) = delete;
	PipeInput &operator=(const PipeInput &) = delete;

	AVIOContext *context() const { return context_; }

private:
	static int read(void *self, uint8_t *bytes, int size);
	static int64_t seek(void *self, int64_t offset, int whence);

	std::function<bool()> is_stopped_;
	int file_;
	AVIOContext *context_ = nullptr;
};

/// For a part that is shorter than a frame.
Error no_frame_in(const std::string &name, const ReadSettings &settings);

/// Which pictures of a sequence are read.
struct NumberRange {
	int first = 1;
	int64_t count = 0;
};

/// Opened, and its streams known. Thread-safety: none.
class Input {
public:
	/// Throws Error, in words for what users meet and FFmpeg cannot read; of a sequence also when a picture is missing.
	Input(const std::filesystem::path &path, const ReadSettings &settings);

	AVFormatContext *operator->() const { return context_.get(); }
	AVFormatContext *get() const { return context_.get(); }
	bool is_picture() const;     ///< one, or a sequence of them
	bool may_be_picture() const; ///< of a kind that is also used for pictures: it is one if it has one frame
	/// An AVIF whose alpha is a picture of its own, which FFmpeg leaves out.
	bool has_alpha_apart() const;
	/// Of a picture, or the one with that place in the sequence, as EXIF counts; 1 where that is not known.
	int orientation(int64_t place) const;
	bool is_pipe() const { return pipe_.has_value(); }
	bool is_stopped() const { return is_stopped_ && is_stopped_(); }
	const std::optional<NumberRange> &numbers() const { return numbers_; }
	/// For an error: what could not be read.
	std::string problem() const { return "cannot read " + name_; }
	/// The error that there is no picture in it, or better words for what users meet.
	Error without_picture() const;

private:
	std::filesystem::path path_;
	std::string name_;
	std::function<bool()> is_stopped_;
	std::optional<NumberRange> numbers_; // of a sequence
	std::optional<PipeInput> pipe_;      // outlives what reads from it
	InputContext context_;
};

} // namespace matting
