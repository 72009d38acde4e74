// SPDX-License-Identifier: GPL-2.0-or-later
// Blurs of pictures (B, C, H, W), of each its own. Outside, the borders go on.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace matting::training {

/// Gaussian; deviations in pixels.
at::Tensor blurred(const at::Tensor &pictures, const std::vector<double> &deviations);

/// Means of 2x2 pixels.
at::Tensor halved(const at::Tensor &pictures);

/// Moved along a line of so many pixels while the shutter was open.
struct Motion {
	double angle, length;
};
at::Tensor blurred(const at::Tensor &pictures, const std::vector<Motion> &motions);

} // namespace matting::training
