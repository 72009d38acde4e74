// SPDX-License-Identifier: GPL-2.0-or-later
#include "pace.hpp"

#include <algorithm>

namespace matting {
namespace {

constexpr int warm_up = 8;                      // frames: the first ones of a level prepare for it
constexpr int soon = 24, later = 150;           // frames until it may be coarser, and finer
constexpr int retry = 3000;                     // frames
constexpr double too_much = 0.95, little = 0.4; // of the time that there is

} // namespace

void Pace::change(int by)
{
	step_ += by;
	frames_ = 0;
	load_ = 0;
}

void Pace::note(double milliseconds, double interval, const Steps &steps)
{
	if (patience_ > 0 && --patience_ == 0)
		too_fine_ = nothing;
	if (++frames_ <= warm_up || interval <= 0)
		return;
	const double load = milliseconds / interval;
	load_ = load_ == 0 ? load : load_ + 0.1 * (load - load_);
	if (load_ > too_much && frames_ >= soon && step_ < steps.coarsest) {
		too_fine_ = std::max(too_fine_, step_);
		patience_ = retry;
		change(1);
	} else if (load_ < little && frames_ >= later && step_ > steps.finest && step_ - 1 > too_fine_) {
		change(-1);
	}
}

} // namespace matting
