// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "input.hpp"

namespace matting {

/// The frames of an input's best video stream, as they are stored. Thread-safety: none.
class Decoder {
public:
	/// Throws Error. `input` outlives it.
	explicit Decoder(Input &input);

	AVStream &stream() const { return *stream_; }
	/// Null at the end. Throws Error, in a few words, for a frame that is damaged or cannot be read; then there is no other.
	/// What cannot be decoded before the first frame is left out: a recording can begin anywhere.
	FramePointer next();
	/// How many packets were left out so.
	int64_t left_out() const { return left_out_; }
	/// Goes on at a frame that lies not after `time` (of the stream), if the input lets it. False if it does not.
	bool seek(int64_t time);

private:
	FramePointer receive();
	void send();
	bool is_cut_off() const;
	bool lacks_what_its_index_has() const;

	Input &input_;
	AVStream *stream_ = nullptr;
	CodecContext context_;
	PacketPointer packet_{av_packet_alloc()};
	double length_ = 0;  // in seconds, as the header says; 0: nothing that could be relied on
	double reached_ = 0; // the end of all that was read
	bool has_begun_ = false;
	int64_t left_out_ = 0;
};

} // namespace matting
