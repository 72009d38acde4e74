// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures, picture sequences and videos in and out, through FFmpeg's libraries.
#pragma once

#include "inference/matting.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace matting {

/// An owned picture: RGBA8, straight alpha, sRGB-encoded, rows of 4 * width bytes.
struct Bitmap {
	int width = 0;
	int height = 0;
	std::vector<uint8_t> pixels;

	Bitmap() = default;
	Bitmap(int width, int height) : width(width), height(height), pixels(size_t{4} * width * height) {}
	Picture picture() { return {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu}; }
};

/// The first picture in a file (PNG, JPEG, WebP, or anything FFmpeg decodes), upright (EXIF). Throws Error.
Bitmap read_picture(const std::filesystem::path &path);

/// Writes a picture in the format its extension names (png, webp, jpg), whole or not at all. Throws Error.
void write_picture(const std::filesystem::path &path, const Picture &picture);

/// When frames are shown: in units of numerator / denominator seconds.
struct FrameTiming {
	int unit_numerator = 1, unit_denominator = 25;
	int rate_numerator = 25, rate_denominator = 1; ///< frames per second, on average
};

struct TimedBitmap {
	Bitmap bitmap;
	int64_t time = 0; ///< in units of the reader's timing
};

/// Reads a picture, a sequence (frame_%04d.png) or a video, as the ffmpeg program would show it: upright, in full range,
/// with the right colour matrix, 8 bits. Thread-safety: none.
class MediaReader {
public:
	/// Throws Error.
	explicit MediaReader(const std::filesystem::path &path);
	~MediaReader();

	/// The next frame; nothing at the end. Throws Error if there is none at all, or, with its number, a damaged one.
	std::optional<TimedBitmap> read();
	const FrameTiming &timing() const;
	/// How many frames there will be, if that is known or can be told from the duration.
	std::optional<int64_t> frames() const;

private:
	struct State;
	std::unique_ptr<State> state_;
};

/// What a file of this name can hold.
struct MediaFormat {
	bool is_video = false;
	bool is_sequence = false; ///< of pictures: the name has a %d
	bool has_alpha = false;
};

/// By the extension and, for videos, the codec: prores, vp9, qtrle, h264, or auto. Throws Error.
MediaFormat media_format(const std::filesystem::path &path, const std::string &codec);

/// Writes what `media_format` says. A picture or video appears under its name when `finish` has succeeded; of a sequence,
/// each picture. Thread-safety: none.
class MediaWriter {
public:
	/// Throws Error.
	MediaWriter(const std::filesystem::path &path, const std::string &codec, const FrameTiming &timing);
	~MediaWriter();

	/// All frames have one size, times grow. Throws Error.
	void write(const Picture &picture, int64_t time);
	void finish();

private:
	struct State;
	std::unique_ptr<State> state_;
};

} // namespace matting
