// SPDX-License-Identifier: GPL-2.0-or-later
#include "over_time.hpp"

#include <cmath>
#include <limits>

#include <torch/script.h>

namespace matting::training {

void Flicker::add(const at::Tensor &alpha)
{
	if (frames_++ == 0) {
		mean_ = alpha.clone();
		squares_ = at::zeros_like(alpha);
		return;
	}
	const at::Tensor difference = alpha - mean_;
	mean_ += difference / static_cast<double>(frames_);
	squares_ += difference * (alpha - mean_);
}

double Flicker::in(const at::Tensor &region) const
{
	const at::Tensor deviations = squares_.masked_select(region).div_(static_cast<double>(frames_ - 1)).sqrt_();
	return deviations.numel() > 0 ? 1000 * deviations.mean(at::kDouble).item<double>()
				      : std::numeric_limits<double>::quiet_NaN();
}

void ChangeError::add(const at::Tensor &alpha, const at::Tensor &true_alpha)
{
	// The difference of the changes is the change of the differences.
	const at::Tensor now = alpha - true_alpha;
	if (frames_++ > 0)
		sum_ += 100 * std::sqrt((now - before_).square().mean(at::kDouble).item<double>());
	before_ = now;
}

} // namespace matting::training
