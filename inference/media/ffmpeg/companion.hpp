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

	/// What is heard before `time` (in seconds of the output). Throws Error if the output cannot be written to: sound that is
	/// odd ends there.
	void write_until(double time);

	/// What could not be kept, a line each.
	const std::vector<std::string> &notes() const { return notes_; }

private:
	struct Copy {
		AVStream *stream = nullptr;    // of the output; null: not copied
		int64_t end = AV_NOPTS_VALUE;  // of what was read, as the input counts
		int64_t last = AV_NOPTS_VALUE; // that was written, as the output counts
		bool has_overlap = false;
	};

	bool open();
	void discard_the_rest();
	void go_to_origin();
	Copy *copy_of(int index);
	void add_sound(const AVStream &stream);
	void copy_words(AVStream &pictures);
	void name_the_rest();
	bool read();
	bool takes(AVPacket &packet);
	void end(Copy &copy, const std::string &why);
	void write(AVPacket &packet);
	double time_of(const AVPacket &packet) const;

	const WriteSettings &settings_;
	AVFormatContext &output_;
	InputContext input_;
	std::vector<Copy> copies_; // by the index of the input's stream
	PacketPointer packet_{av_packet_alloc()};
	bool has_packet_ = false, has_ended_ = false;
	std::vector<std::string> notes_;
};

} // namespace matting
