// SPDX-License-Identifier: GPL-2.0-or-later
#include "losses.hpp"

#include <torch/script.h>

namespace matting::training {
namespace {

at::Tensor sobel_kernels()
{
	const at::Tensor x = torch::tensor({-1.f, 0.f, 1.f, -2.f, 0.f, 2.f, -1.f, 0.f, 1.f}).view({1, 1, 3, 3}) / 8;
	return at::cat({x, x.transpose(2, 3)});
}

// The root alone has no gradient at 0.
at::Tensor sobel_magnitude(const at::Tensor &alpha)
{
	constexpr double softening = 1e-6;
	return sobel_squared(alpha).add(softening).sqrt();
}

} // namespace

at::Tensor straight_through_clamp(const at::Tensor &values)
{
	return values + (values.clamp(0, 1) - values).detach();
}

at::Tensor sobel_squared(const at::Tensor &alpha)
{
	static const at::Tensor kernels = sobel_kernels();
	const at::Tensor slopes = at::conv2d(at::replication_pad2d(alpha, {1, 1, 1, 1}), kernels.to(alpha.device()));
	return slopes.square().sum(1, /*keepdim=*/true);
}

at::Tensor matting_loss(const at::Tensor &alpha, const at::Tensor &foreground, const at::Tensor &true_alpha,
			const at::Tensor &true_foreground, double mixed_colours)
{
	constexpr double visible = 1 / 255.;
	const at::Tensor has_colour = true_alpha.gt(visible).to(at::kFloat);
	const at::Tensor colour = ((foreground - true_foreground) * has_colour).abs().mean(1, /*keepdim=*/true);
	const at::Tensor colour_weight = 1 + mixed_colours * 4 * true_alpha * (1 - true_alpha);
	return (alpha - true_alpha).abs() + (sobel_magnitude(alpha) - sobel_magnitude(true_alpha)).abs() +
	       colour_weight * colour;
}

} // namespace matting::training
