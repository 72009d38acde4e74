// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/options.hpp"

namespace matting {

/// How fine `automatic` may be for the engine to keep up with the camera: the step for `with_quality`. Thread-safety: none.
class Pace {
public:
	/// A frame took so long, and the next one comes so long after it; 0: that is not known. `steps`: that there are.
	void note(double milliseconds, double interval, const Steps &steps);
	int step() const { return step_; }

private:
	void change(int by);

	static constexpr int nothing = -1000; // is as fine as that
	int step_ = 0;
	int too_fine_ = nothing; // the coarsest step that was too slow, for some time
	int frames_ = 0;         // since the last change
	int patience_ = 0;       // frames until what was too slow is tried again
	double load_ = 0;        // smoothed: a frame's share of the time that there is for it
};

} // namespace matting
