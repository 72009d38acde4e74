// SPDX-License-Identifier: GPL-2.0-or-later
// Where in a picture errors are counted.
#pragma once

#include <ATen/core/Tensor.h>

namespace matting::training {

/// A true alpha, and its regions. What is half transparent over more than the band's width is in none of them.
struct Truth {
	/// (1, H, W) in 0..1
	explicit Truth(const at::Tensor &alpha);

	at::Tensor alpha;
	at::Tensor edge;       ///< bool, as the others: see `edge_band`
	at::Tensor foreground; ///< not in the edge, and at least 0.98
	at::Tensor background; ///< not in the edge, and at most 0.02
};

/// (1, H, W) in 0..1 -> bool: where the greatest and the least alpha within 10 pixels (a disc 21 pixels wide) differ by
/// more than 5 of 255. Beyond the picture's edge there is nothing.
at::Tensor edge_band(const at::Tensor &true_alpha);

/// The F-measure of where both cross 0.5, as DAVIS measures contours (Perazzi et al. 2016): (1, H, W) in 0..1. 1: each
/// pixel of either contour has one of the other within 0.8 % of the picture's diagonal, or neither has any. Pictures of more
/// than 540 lines are made that small.
double boundary_f(const at::Tensor &alpha, const at::Tensor &true_alpha);

} // namespace matting::training
