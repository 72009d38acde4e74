// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures, picture sequences and videos in and out. What reads and writes them needs FFmpeg and is a part of the program of
// its own (media/ffmpeg), loaded when it is wanted.
#pragma once

#include "inference/bitmap.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace matting {

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
	virtual ~MediaReader() = default;

	/// The next frame; nothing at the end. Throws Error if there is none at all, or, with its number, a damaged one.
	virtual std::optional<TimedBitmap> read() = 0;
	virtual const FrameTiming &timing() const = 0;
	/// How many frames there will be, if that is known or can be told from the duration.
	virtual std::optional<int64_t> frames() const = 0;
};

/// Writes what `find_format` says. A picture or video appears under its name when `finish` has succeeded; of a sequence, each
/// picture. Thread-safety: none.
class MediaWriter {
public:
	virtual ~MediaWriter() = default;

	/// All frames have one size, times grow. Throws Error.
	virtual void write(const Picture &picture, int64_t time) = 0;
	virtual void finish() = 0;
};

/// Both throw Error.
std::unique_ptr<MediaReader> open_media(const std::filesystem::path &path);
std::unique_ptr<MediaWriter> create_media(const std::filesystem::path &path, const std::string &codec,
					  const FrameTiming &timing);

/// Scaled so that it covers width x height, the rest cut off evenly. Throws Error.
Bitmap scale_to_cover(const Picture &picture, int width, int height);

/// What the part of the program that links FFmpeg does. All members throw Error. Thread-safety: safe.
class MediaBackend {
public:
	virtual ~MediaBackend() = default;

	virtual std::unique_ptr<MediaReader> open(const std::filesystem::path &path) const = 0;
	virtual std::unique_ptr<MediaWriter> create(const std::filesystem::path &path, const std::string &codec,
						    const FrameTiming &timing) const = 0;
	virtual Bitmap scale_to_cover(const Picture &picture, int width, int height) const = 0;
};

/// What program and library must agree on: the classes above and the release.
inline constexpr const char *media_interface = MATTING_VERSION ", media interface 1";

} // namespace matting
