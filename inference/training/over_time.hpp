// SPDX-License-Identifier: GPL-2.0-or-later
// Errors that only several frames show.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace matting::training {

/// How much alpha varies while nothing moves. Thread-safety: none.
class Flicker {
public:
	/// (1, H, W) in 0..1
	void add(const at::Tensor &alpha);
	/// The standard deviation of a pixel's alpha over time, times 1000: its mean where `region` (bool) is; not a number
	/// where it is nowhere. Of two frames or more.
	double in(const at::Tensor &region) const;

private:
	at::Tensor mean_, squares_; // of the differences from the mean so far (Welford)
	int64_t frames_ = 0;
};

/// dtSSD (Erofeev et al. 2015): how far the change of alpha from frame to frame is from the true change. Of each pair of
/// frames the root of the mean squared difference, times 100; of these the mean. Thread-safety: none.
class ChangeError {
public:
	/// Both (1, H, W) in 0..1, and of one size throughout.
	void add(const at::Tensor &alpha, const at::Tensor &true_alpha);
	/// Of two frames or more.
	double dtssd() const { return sum_ / static_cast<double>(frames_ - 1); }

private:
	at::Tensor before_; // the difference from the truth in the frame before
	double sum_ = 0;
	int64_t frames_ = 0;
};

} // namespace matting::training
