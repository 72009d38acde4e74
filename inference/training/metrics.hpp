// SPDX-License-Identifier: GPL-2.0-or-later
// How far an alpha is from the true one: the measures of the literature on matting (Rhemann et al. 2009).
#pragma once

#include <ATen/core/Tensor.h>

namespace matting::training {

struct AlphaError {
	double mad = 0;      ///< mean absolute difference, times 1000
	double mse = 0;      ///< mean squared difference, times 1000
	double gradient = 0; ///< sum of squared differences of the gradients' magnitudes, over 1000
	/// The same where edges are; 0 where there is none. See `edge_band`.
	double edge_mad = 0, edge_mse = 0, edge_gradient = 0;

	AlphaError &operator+=(const AlphaError &other);
	AlphaError operator/(double count) const;
};

/// Both (1, H, W) in 0..1. The gradients are those of alpha smoothed by a Gaussian of 1.4 pixels, by Sobel's filter / 8.
AlphaError alpha_error(const at::Tensor &alpha, const at::Tensor &true_alpha);

/// (1, H, W) in 0..1 -> bool: where the greatest and the least alpha within 10 pixels (a disc 21 pixels wide) differ by
/// more than 5 of 255. Beyond the picture's edge there is nothing.
at::Tensor edge_band(const at::Tensor &true_alpha);

} // namespace matting::training
