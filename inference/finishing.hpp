// SPDX-License-Identifier: GPL-2.0-or-later
// What is done to a matte after the network, by the options: detail, levels, shift and softness of the edge, and its colour.
#pragma once

#include "finishing_steps.hpp"

namespace matting {

/// Whether something is to be done for that view. The matte is made as View::result then.
bool wants_finishing(View view, const Options &options);

/// Thread-safety: none.
class Finisher {
public:
	explicit Finisher(std::unique_ptr<FinishingSteps> steps) : steps_(std::move(steps)) {}

	/// What the mattes to come are made with, on the CPU. It stays there until the next one is set.
	void set_plate(const Picture &plate) { steps_->set_plate(plate); }
	/// Before the matte is made, which may overwrite `source`.
	void begin(const Picture &source, const Options &options);
	/// Straight alpha in and out, and where it is 0 in the end there is no colour; or alpha as grey, if that is the view.
	void finish(const Picture &result, View view, const Options &options);

private:
	void shift(const Picture &result, double pixels);
	void soften(const Picture &result, double pixels);

	std::unique_ptr<FinishingSteps> steps_;
};

} // namespace matting
