// SPDX-License-Identifier: GPL-2.0-or-later
#include "times.hpp"

extern "C" {
#include <libavutil/mathematics.h>
}

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace matting {

Fraction rate_of(const Input &input, const AVStream &stream, const std::optional<Fraction> &wanted)
{
	if (wanted)
		return *wanted;
	AVRational rate = av_guess_frame_rate(input.get(), const_cast<AVStream *>(&stream), nullptr);
	const AVRational average = stream.avg_frame_rate;
	// A browser's recording says nothing but its clock's rate: 1000 frames a second.
	if (average.num > 0 && average.den > 0 && (rate.num <= 0 || av_q2d(rate) > 2 * av_q2d(average)))
		rate = average;
	constexpr int most = 1000;
	if (rate.num <= 0 || rate.den <= 0 || av_q2d(rate) >= most)
		return FrameTiming().rate;
	constexpr int most_units = 1'000'000;
	av_reduce(&rate.num, &rate.den, rate.num, rate.den, most_units);
	return {rate.num, rate.den};
}

FrameTimes::FrameTimes(Fraction rate, AVRational tick) : tick_(tick)
{
	constexpr int fine = 10'000; // units a second, at least
	const int parts = std::max(1, (fine + rate.numerator - 1) / rate.numerator);
	timing_ = {{1, rate.numerator * parts}, rate};
	period_ = static_cast<int64_t>(rate.denominator) * parts;
}

void FrameTimes::stamp(AVFrame &frame)
{
	const int64_t step = std::max<int64_t>(av_rescale_q(period_, {1, timing_.unit.denominator}, tick_), 1);
	const int64_t expected = last_stamp_ == AV_NOPTS_VALUE ? 0 : last_stamp_ + step;
	constexpr int few = 4; // frames that lie in disorder
	if (frame.best_effort_timestamp == AV_NOPTS_VALUE) {
		frame.pts = expected;
	} else {
		frame.pts = frame.best_effort_timestamp + set_back_;
		if (last_stamp_ != AV_NOPTS_VALUE && frame.pts < last_stamp_ - few * step) {
			set_back_ += expected - frame.pts;
			frame.pts = expected;
		}
	}
	last_stamp_ = frame.pts;
}

void FrameTimes::begin(const AVFrame &frame)
{
	begin_ = frame.pts;
	last_time_ = -1;
}

bool FrameTimes::is_before(const AVFrame &frame, double position) const
{
	const double rounding = 0.25 / timing_.rate.value();
	return static_cast<double>(frame.pts - first_) * av_q2d(tick_) < position - rounding;
}

int64_t FrameTimes::ticks_at(double position) const
{
	return first_ + std::llround(position / av_q2d(tick_));
}

int64_t FrameTimes::time_of(const AVFrame &frame)
{
	last_time_ = std::max(in_units(frame.pts - begin_), last_time_ + 1);
	return last_time_;
}

int64_t FrameTimes::duration_of(const AVFrame &frame) const
{
#if LIBAVUTIL_VERSION_MAJOR >= 58 // FFmpeg 6
	return in_units(frame.duration);
#else
	return in_units(frame.pkt_duration);
#endif
}

int64_t FrameTimes::in_units(int64_t ticks) const
{
	const AVRational unit{timing_.unit.numerator, timing_.unit.denominator};
	const int64_t time = av_rescale_q(ticks, tick_, unit);
	const int64_t nearest = (time + period_ / 2) / period_ * period_;
	const int64_t tolerance = std::min(av_rescale_q_rnd(1, tick_, unit, AV_ROUND_UP), period_ / 4);
	return std::abs(time - nearest) <= tolerance ? nearest : time;
}

} // namespace matting
