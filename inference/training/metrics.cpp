// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics.hpp"

#include <cmath>

#include <torch/script.h>

namespace matting::training {
namespace {

constexpr Measure all[]{
	{Place::everywhere, Kind::mad, &AlphaError::mad},
	{Place::everywhere, Kind::mse, &AlphaError::mse},
	{Place::everywhere, Kind::gradient, &AlphaError::gradient},
	{Place::everywhere, Kind::boundary_f, &AlphaError::boundary_f},
	{Place::everywhere, Kind::dtssd, &AlphaError::dtssd},
	{Place::foreground, Kind::mad, &AlphaError::foreground_mad},
	{Place::background, Kind::mad, &AlphaError::background_mad},
	{Place::background, Kind::flicker, &AlphaError::background_flicker},
	{Place::edge, Kind::mad, &AlphaError::edge_mad},
	{Place::edge, Kind::mse, &AlphaError::edge_mse},
	{Place::edge, Kind::gradient, &AlphaError::edge_gradient},
	{Place::edge, Kind::composite, &AlphaError::edge_composite},
	{Place::edge, Kind::flicker, &AlphaError::edge_flicker},
};

// (1, H, W) -> (1, H, W): by a Gaussian's first derivatives, edges repeated.
at::Tensor gradient_magnitude(const at::Tensor &alpha)
{
	constexpr double deviation = 1.4;
	constexpr int radius = 4; // beyond it the Gaussian is below 0.01
	const at::Tensor place = at::arange(-radius, radius + 1, at::kFloat);
	const at::Tensor gauss = at::exp(place.square() / (-2 * deviation * deviation)), slope = place * gauss;
	const at::Tensor across = (slope / slope.norm()).view({1, 1, 1, -1});
	const at::Tensor along = (gauss / gauss.norm()).view({1, 1, -1, 1});
	const at::Tensor padded = at::replication_pad2d(alpha.unsqueeze(0), {radius, radius, radius, radius});
	const at::Tensor x = at::conv2d(at::conv2d(padded, across), along);
	const at::Tensor y = at::conv2d(at::conv2d(padded, across.transpose(2, 3)), along.transpose(2, 3));
	return at::hypot(x, y)[0];
}

double mean_times_1000(const at::Tensor &values)
{
	return values.numel() > 0 ? 1000 * values.mean(at::kDouble).item<double>() : AlphaError::unknown;
}

} // namespace

std::span<const Measure> measures()
{
	return all;
}

AlphaError mean(const std::vector<AlphaError> &errors)
{
	AlphaError result;
	for (const Measure &measure : measures()) {
		double sum = 0, known = 0;
		for (const AlphaError &error : errors)
			if (const double value = error.*measure.value; !std::isnan(value)) {
				sum += value;
				known++;
			}
		result.*measure.value = known > 0 ? sum / known : AlphaError::unknown;
	}
	return result;
}

AlphaError alpha_error(const at::Tensor &alpha, const Truth &truth)
{
	const torch::NoGradGuard no_grad;
	const at::Tensor off = (alpha - truth.alpha).abs();
	const at::Tensor slope = (gradient_magnitude(alpha) - gradient_magnitude(truth.alpha)).square();
	const at::Tensor edge_off = off.masked_select(truth.edge), edge_slope = slope.masked_select(truth.edge);
	return {.mad = mean_times_1000(off),
		.mse = mean_times_1000(off.square()),
		.gradient = slope.sum(at::kDouble).item<double>() / 1000,
		.boundary_f = boundary_f(alpha, truth.alpha),
		.foreground_mad = mean_times_1000(off.masked_select(truth.foreground)),
		.background_mad = mean_times_1000(off.masked_select(truth.background)),
		.edge_mad = mean_times_1000(edge_off),
		.edge_mse = mean_times_1000(edge_off.square()),
		.edge_gradient = edge_slope.numel() > 0 ? edge_slope.sum(at::kDouble).item<double>() / 1000
							: AlphaError::unknown};
}

double composite_error(const at::Tensor &alpha, const at::Tensor &foreground, const at::Tensor &plate,
		       const at::Tensor &source, const Truth &truth)
{
	const bool fits = plate.sizes() == source.sizes();
	const at::Tensor behind =
		fits ? plate
		     : at::_upsample_bilinear2d_aa(plate.unsqueeze(0), {source.size(1), source.size(2)}, false)[0];
	const at::Tensor seen = foreground * alpha + behind * (1 - alpha);
	return mean_times_1000((seen - source).abs().masked_select(truth.edge));
}

} // namespace matting::training
