// SPDX-License-Identifier: GPL-2.0-or-later
// Values all over a picture: smooth ones, patches of them, and noise.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "random.hpp"

namespace matting::training {

/// Where fields are wanted: (B, 1, H, W) each.
struct Extent {
	int64_t height, width;
	at::Device device;

	static Extent of(const at::Tensor &pictures) { return {pictures.size(2), pictures.size(3), pictures.device()}; }
};

/// Random values around 0, -1..1, so many cells in each direction and one more.
struct Field {
	static constexpr int most_cells = 6;

	Field(Random &random, int cells);

	int cells;
	std::vector<float> lattice; // rows of cells + 1
};
/// Smoothly from one to the next.
at::Tensor smooth_fields(const std::vector<Field> &fields, const Extent &extent);

/// 0..1: patches with soft or hard borders.
struct Patches {
	explicit Patches(Random &random);

	Field field;
	double sharpness, level;
};
at::Tensor patches(const std::vector<Patches> &patches, const Extent &extent);

/// See `noise_at`, which this has at x0 + x * scale_x, y0 + y * scale_y.
struct Noise {
	int roughness;
	double x0, y0, scale_x, scale_y;
};
at::Tensor noise(const std::vector<Noise> &noises, const Extent &extent);

} // namespace matting::training
