// SPDX-License-Identifier: GPL-2.0-or-later
// When frames are shown.
#pragma once

#include "input.hpp"

namespace matting {

/// Frames per second: `wanted`, or what the input says as far as that can be.
Fraction rate_of(const Input &input, const AVStream &stream, const std::optional<Fraction> &wanted);

/// Note [Constant rates stay constant]
/// Matroska and FLV keep times in milliseconds, so that 60 frames a second are 16 or 17 of them apart, which editors take for
/// a rate that varies. So times are kept in units of which a frame of the rate takes a whole number, and what lies within a
/// tick of the file's clock from a multiple of that is it. Other times are kept as they are.
class FrameTimes {
public:
	FrameTimes(Fraction rate, AVRational tick);

	const FrameTiming &timing() const { return timing_; }

	/// Gives a frame that has no time one, from that before it, and goes on where the file's clock is set back, as where
	/// recordings were joined. Then its `pts` counts, in ticks.
	void stamp(AVFrame &frame);
	/// The file begins with this one; positions count from it.
	void set_first(const AVFrame &frame) { first_ = frame.pts; }
	/// The output begins with this one.
	void begin(const AVFrame &frame);

	/// Whether the frame is shown before that position, in seconds. One that lies on it, but for its rounding, is not.
	bool is_before(const AVFrame &frame, double position) const;
	int64_t ticks_at(double position) const;
	/// In the timing's units, from 0; they grow, whatever the file says.
	int64_t time_of(const AVFrame &frame);
	/// How long the frame is shown by itself, in the timing's units; 0 where that is not known.
	int64_t duration_of(const AVFrame &frame) const;
	/// The file's time at which the output begins, in seconds.
	double origin() const { return static_cast<double>(begin_) * av_q2d(tick_); }

private:
	int64_t in_units(int64_t ticks) const;

	FrameTiming timing_;
	AVRational tick_;
	int64_t period_; // of a frame, in units
	int64_t first_ = 0, begin_ = 0;
	int64_t last_stamp_ = AV_NOPTS_VALUE, last_time_ = -1;
	int64_t set_back_ = 0; // the file's clock, so far, in ticks
};

} // namespace matting
