// SPDX-License-Identifier: GPL-2.0-or-later
// What the training makes small (paper, section 4.3; the auxiliary loss and the straight-through clamp are ours).
#pragma once

#include <ATen/core/Tensor.h>

namespace matting::training {

/// Clamped to 0..1, with the gradient of the identity: a value beyond the range can come back.
at::Tensor straight_through_clamp(const at::Tensor &values);

/// (B, 1, H, W) -> (B, 1, H, W): the squared magnitude of the Sobel gradient, per pixel, with the edges repeated.
at::Tensor sobel_squared(const at::Tensor &alpha);

/// L1 of alpha, of its Sobel magnitude, and of the foreground where the true alpha is above 0: per pixel,
/// (B, 1, H, W), all clamped already. The foreground of a half transparent pixel counts 1 + `mixed_colours` times, of others
/// less, down to once where alpha is 1.
at::Tensor matting_loss(const at::Tensor &alpha, const at::Tensor &foreground, const at::Tensor &true_alpha,
			const at::Tensor &true_foreground, double mixed_colours = 0);

} // namespace matting::training
