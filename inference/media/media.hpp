// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures, picture sequences and videos in and out. What reads and writes them needs FFmpeg and is a part of the program of
// its own (media/ffmpeg), loaded when it is wanted. Where it is missing, single pictures still work.
#pragma once

#include "inference/bitmap.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace matting {

/// The first picture in a file (PNG, JPEG, WebP, or anything FFmpeg decodes), upright. Throws Error.
Bitmap read_picture(const std::filesystem::path &path);

/// Writes a picture in the format its extension names (png, webp, jpg), whole or not at all. Throws Error.
void write_picture(const std::filesystem::path &path, const Picture &picture);

struct Fraction {
	int numerator = 0, denominator = 1;
	double value() const { return static_cast<double>(numerator) / denominator; }
};

/// Of numbers as pixels' aspects have them: they are not too great for it.
Fraction ratio(const Fraction &a, const Fraction &b);

/// When frames are shown: in units of so many seconds. Frames of a constant rate lie on multiples of its period exactly.
struct FrameTiming {
	Fraction unit{1, 25};
	Fraction rate{25, 1}; ///< frames per second, on average
};

/// Which frames are read, and how.
struct ReadSettings {
	double start = 0;                ///< seconds from the first frame on; the frame that is shown then, or the next
	std::optional<double> duration;  ///< seconds; two stretches that meet share no frame and leave none out
	std::optional<int64_t> frames;   ///< at most so many
	std::optional<Fraction> rate;    ///< of a sequence (else 25), or of a stream that has no times
	std::optional<int> first_number; ///< of a sequence; else the lowest that there is
	std::function<bool()> is_stopped = nullptr; ///< asked while waiting; then `read` throws
};

/// What is known of a source once it is open.
struct MediaFacts {
	std::filesystem::path path;
	FrameTiming timing;
	std::optional<int64_t> frames; ///< how many will be read, if that is known or can be told from the duration
	Fraction pixel_aspect{1, 1};   ///< width : height
	int first_number = 1;          ///< of a sequence
	bool is_sequence = false;
	bool is_picture = false;           ///< a single one
	bool has_alpha = false;            ///< it can be transparent, be it in later frames
	bool loses_sound = false;          ///< it has some, but comes through a pipe, which is read once
	double origin = 0;                 ///< the file's time of the first frame that is read, in seconds
	std::vector<std::string> notes;    ///< what is done to it that a user may want to know, a line each
	std::vector<std::string> warnings; ///< what of it is lost
};

struct TimedBitmap {
	Bitmap bitmap;
	int64_t time = 0;     ///< in units of the reader's timing, from 0
	int64_t duration = 0; ///< in the same, as the file has it; 0 where it has none
};

/// Reads a picture, a sequence (frame_%04d.png) or a video, as the ffmpeg program would show it: upright, in full range,
/// with the right colour matrix, 8 bits; HDR as SDR, fields as frames. Thread-safety: none.
class MediaReader {
public:
	virtual ~MediaReader() = default;

	/// The next frame; nothing at the end. Throws Error, with its number, for a damaged one.
	virtual std::optional<TimedBitmap> read() = 0;
	virtual const MediaFacts &facts() const = 0;
};

/// What pictures that are written have: alpha; a colour only; or are grey, so that one channel will do.
enum class Channels { alpha, colour, grey };

struct WriteSettings {
	std::string codec = "auto"; ///< for videos: of a format
	std::optional<int> crf;     ///< of the codec's own scale; else the format's
	Channels channels = Channels::alpha;
	FrameTiming timing{};
	Fraction pixel_aspect{1, 1};
	int first_number = 1; ///< of a sequence
	int threads = 1;      ///< of a sequence: so many pictures are encoded at once
	/// A video's sound, and what else belongs to the file, are copied from this one, as far as the container can hold them and
	/// the pictures last; nothing if empty. `origin` is the time in there at which the output begins.
	std::filesystem::path companion{};
	double origin = 0;
	bool wants_sound = true;
};

/// Writes what `find_format` says. A picture or video appears under its name when `finish` has succeeded; of a sequence, each
/// picture. Thread-safety: none.
class MediaWriter {
public:
	virtual ~MediaWriter() = default;

	/// What goes wrong with a picture of a sequence may be thrown at a later one, or by `finish`; those before it are written then.
	/// All frames have one size, times grow; `duration` counts where it is that of the last, and is 0 where it is not known. Throws
	/// Error.
	virtual void write(const Picture &picture, int64_t time, int64_t duration) = 0;
	virtual void finish() = 0;
	/// What of the companion could not be kept, a line each; complete after `finish`.
	virtual std::vector<std::string> notes() const = 0;
};

/// Both throw Error; a source in which there is no picture does so here.
std::unique_ptr<MediaReader> open_media(const std::filesystem::path &path, const ReadSettings &settings = {});
std::unique_ptr<MediaWriter> create_media(const std::filesystem::path &path, const WriteSettings &settings);

/// Scaled so that it covers width x height pixels of that aspect, the rest cut off evenly. Throws Error.
Bitmap scale_to_cover(const Picture &picture, int width, int height, Fraction pixel_aspect = {1, 1});

/// RGBA of a colour's name, as HTML has them, or of RRGGBB or RRGGBBAA, with # or without; nothing if it is none.
std::optional<std::array<uint8_t, 4>> parse_colour(const std::string &text);

/// FFmpeg's version. Throws Error: pictures and videos cannot be read, and why.
std::string media_version();

/// What the part of the program that links FFmpeg does. All members throw Error. Thread-safety: safe.
class MediaBackend {
public:
	virtual ~MediaBackend() = default;

	virtual std::unique_ptr<MediaReader> open(const std::filesystem::path &path,
						  const ReadSettings &settings) const = 0;
	virtual std::unique_ptr<MediaWriter> create(const std::filesystem::path &path,
						    const WriteSettings &settings) const = 0;
	virtual Bitmap scale_to_cover(const Picture &picture, int width, int height, Fraction pixel_aspect) const = 0;
	virtual std::optional<std::array<uint8_t, 4>> colour_named(const std::string &name) const = 0;
	virtual std::string version() const = 0; ///< FFmpeg's
};

/// What program and library must agree on: the classes above and the release.
inline constexpr const char *media_interface = MATTING_VERSION ", media interface 4";

} // namespace matting
