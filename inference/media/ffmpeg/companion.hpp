// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ffmpeg.hpp"

#include <string>
#include <vector>

namespace matting {

/// What belongs to a video beside its pictures, copied from the file that it is made of: sound, and what the file says of
/// itself. Thread-safety: none.
class Companion {
public:
	/// Adds its streams to `output`, which is open, has that of the pictures and no header yet. Throws Error.
	Companion(const WriteSettings &settings, AVFormatContext &output);

	/// What is heard before `time` (in seconds of the output). Throws Error if it cannot be written.
	void write_until(double time);

	/// What could not be kept, a line each.
	const std::vector<std::string> &notes() const { return notes_; }

private:
	void add_sound(const AVStream &stream);
	void copy_words(AVStream &pictures);
	void name_the_rest();
	bool read();
	void write(AVPacket &packet);
	double time_of(const AVPacket &packet) const;

	const WriteSettings &settings_;
	AVFormatContext &output_;
	InputContext input_;
	std::vector<AVStream *> outputs_; // by the index of the input's stream; null: not copied
	PacketPointer packet_{av_packet_alloc()};
	bool has_packet_ = false, has_ended_ = false;
	std::vector<std::string> notes_;
};

} // namespace matting
