// SPDX-License-Identifier: GPL-2.0-or-later
// How far an alpha is from the true one: the measures of the literature on matting (Rhemann et al. 2009), and those that tell
// where, and how it looks.
#pragma once

#include "regions.hpp"

#include <limits>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

namespace matting::training {

/// Not a number: not measured, or of a region that is nowhere in the picture.
struct AlphaError {
	static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

	double mad = 0;      ///< mean absolute difference, times 1000
	double mse = 0;      ///< mean squared difference, times 1000
	double gradient = 0; ///< sum of squared differences of the gradients' magnitudes, over 1000
	double boundary_f = 0;
	double foreground_mad = 0, background_mad = 0;
	double edge_mad = 0, edge_mse = 0, edge_gradient = 0;
	double edge_composite = unknown;                                              ///< see `composite_error`
	double edge_flicker = unknown, background_flicker = unknown, dtssd = unknown; ///< see over_time.hpp
};

enum class Kind { mad, mse, gradient, boundary_f, composite, flicker, dtssd };
enum class Place { everywhere, foreground, background, edge };

struct Measure {
	Place place;
	Kind kind;
	double AlphaError::*value;
};

/// All, by place.
std::span<const Measure> measures();

/// Of each measure, over those in which it is known.
AlphaError mean(const std::vector<AlphaError> &errors);

/// `alpha`: (1, H, W) in 0..1. The gradients are by the first derivatives of a Gaussian of 1.4
/// pixels, filters of norm 1.
AlphaError alpha_error(const at::Tensor &alpha, const Truth &truth);

/// The matte over its own plate should look as the source does: mean absolute difference at edges, times 1000, or
/// unknown where there are none. All (C, H, W) in
/// 0..1, sRGB-encoded, and blended so; the plate may have another size.
double composite_error(const at::Tensor &alpha, const at::Tensor &foreground, const at::Tensor &plate,
		       const at::Tensor &source, const Truth &truth);

} // namespace matting::training
