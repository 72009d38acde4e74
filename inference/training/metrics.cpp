// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics.hpp"

#include "losses.hpp"

#include <cmath>

#include <torch/script.h>

namespace matting::training {
namespace {

// (1, H, W) -> (1, 1, H, W), with its edges repeated.
at::Tensor smooth(const at::Tensor &plane)
{
	constexpr double deviation = 1.4;
	constexpr int radius = 6;
	at::Tensor kernel =
		at::exp(at::arange(-radius, radius + 1, at::kFloat).square() / (-2 * deviation * deviation));
	kernel = kernel / kernel.sum();
	const at::Tensor padded = at::replication_pad2d(plane.unsqueeze(0), {radius, radius, radius, radius});
	return at::conv2d(at::conv2d(padded, kernel.view({1, 1, 1, -1})), kernel.view({1, 1, -1, 1}));
}

// (1, H, W) -> (1, H, W)
at::Tensor gradient_magnitude(const at::Tensor &alpha)
{
	return sobel_squared(smooth(alpha)).squeeze(1).sqrt();
}

/// The plane moved by so many pixels, with what no value is as small as where nothing comes from.
at::Tensor moved(const at::Tensor &plane, int64_t y, int64_t x)
{
	constexpr double beyond = -1;
	const int64_t height = plane.size(1), width = plane.size(2);
	return at::constant_pad_nd(plane, {std::abs(x), std::abs(x), std::abs(y), std::abs(y)}, beyond)
		.slice(1, std::abs(y) - y, std::abs(y) - y + height)
		.slice(2, std::abs(x) - x, std::abs(x) - x + width);
}

// The greatest value within a disc. Its rows are worked through from the shortest to the longest, so that each begins
// with what has been found along a shorter one.
at::Tensor greatest_nearby(const at::Tensor &plane)
{
	constexpr int radius = 10;
	at::Tensor greatest = plane.clone(), along_row = plane;
	for (int half = 0; half <= radius; half++) {
		if (half > 0)
			along_row = at::maximum(along_row, at::maximum(moved(plane, 0, half), moved(plane, 0, -half)));
		for (int y = -radius; y <= radius; y++)
			if (std::lround(std::sqrt(radius * radius - y * y)) == half)
				greatest = at::maximum(greatest, moved(along_row, y, 0));
	}
	return greatest;
}

} // namespace

AlphaError &AlphaError::operator+=(const AlphaError &other)
{
	mad += other.mad;
	mse += other.mse;
	gradient += other.gradient;
	edge_mad += other.edge_mad;
	edge_mse += other.edge_mse;
	edge_gradient += other.edge_gradient;
	return *this;
}

AlphaError AlphaError::operator/(double count) const
{
	return {mad / count, mse / count, gradient / count, edge_mad / count, edge_mse / count, edge_gradient / count};
}

at::Tensor edge_band(const at::Tensor &true_alpha)
{
	constexpr double flat = 5.5 / 255; // between 5 and 6 of 8 bits: rounding must not decide
	// The least is the greatest of what is missing.
	return (greatest_nearby(true_alpha) + greatest_nearby(1 - true_alpha) - 1).gt(flat);
}

AlphaError alpha_error(const at::Tensor &alpha, const at::Tensor &true_alpha)
{
	const torch::NoGradGuard no_grad;
	const at::Tensor off = (alpha - true_alpha).abs();
	const at::Tensor slope = (gradient_magnitude(alpha) - gradient_magnitude(true_alpha)).square();
	const auto mean = [](const at::Tensor &values) {
		return values.numel() > 0 ? values.mean(at::kDouble).item<double>() : 0;
	};
	const at::Tensor band = edge_band(true_alpha);
	const at::Tensor band_off = off.masked_select(band);
	return {.mad = 1000 * mean(off),
		.mse = 1000 * mean(off.square()),
		.gradient = slope.sum(at::kDouble).item<double>() / 1000,
		.edge_mad = 1000 * mean(band_off),
		.edge_mse = 1000 * mean(band_off.square()),
		.edge_gradient = slope.masked_select(band).sum(at::kDouble).item<double>() / 1000};
}

} // namespace matting::training
