// SPDX-License-Identifier: GPL-2.0-or-later
// Drawn pictures, and how they come into those of a batch.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "geometry.hpp"

namespace matting::training {

/// At full size, a half and a quarter: planes of bytes (C, H, W), red first; alpha, if there is any, is the last, and the
/// others are premultiplied.
class Bitmap {
public:
	/// `pixels`: rows of 4 * width bytes, in the order blue, green, red, alpha. The planes end up on `device`.
	Bitmap(const uint8_t *pixels, int width, int height, bool has_alpha, at::Device device);

	int64_t width() const { return levels_[0].size(2); }
	int64_t height() const { return levels_[0].size(1); }
	/// Level 1 has half the size, 2 a quarter.
	const at::Tensor &level(int number) const { return levels_[static_cast<size_t>(number)]; }

private:
	std::vector<at::Tensor> levels_;
};

/// Waves that bend the picture: how far x is displaced by y, and y by x, in pixels of the bitmap.
struct Sway {
	struct Wave {
		double height, waves, phase; ///< pixels, of the whole bitmap, radians
	};
	Wave x, y;
};

/// What is seen of a bitmap; `placement` says where its places come to.
struct Sight {
	const Bitmap *bitmap;
	Affine placement;
	std::optional<Sway> sway;
};

enum class Outside { nothing, mirrored };

/// (B, C, height, width); outside the bitmaps there is nothing, or their mirror images.
at::Tensor look_at(const std::vector<Sight> &sights, Outside outside, int64_t height, int64_t width);

/// Pictures moved; the mirrored ones outside. Bilinear.
at::Tensor transformed(const at::Tensor &pictures, const std::vector<Affine> &placements);

} // namespace matting::training
