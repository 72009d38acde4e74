// SPDX-License-Identifier: GPL-2.0-or-later
#include "regions.hpp"

#include <cmath>

#include <torch/script.h>

namespace matting::training {
namespace {

/// The plane moved by so many pixels, with 0 where nothing comes from.
at::Tensor moved(const at::Tensor &plane, int64_t y, int64_t x)
{
	const int64_t height = plane.size(1), width = plane.size(2);
	return at::constant_pad_nd(plane, {std::abs(x), std::abs(x), std::abs(y), std::abs(y)}, 0)
		.slice(1, std::abs(y) - y, std::abs(y) - y + height)
		.slice(2, std::abs(x) - x, std::abs(x) - x + width);
}

// How a row of a disc ends between two pixels: OpenCV's ellipses with the nearer one, DAVIS's discs with the inner one.
enum class Disc { opencv, davis };

// The greatest value within a disc, of values from 0 on. Its rows are worked through from the shortest to the longest, so
// that each begins with what has been found along a shorter one.
at::Tensor greatest_nearby(const at::Tensor &plane, int radius, Disc disc)
{
	const double rounding = disc == Disc::opencv ? 0.5 : 0;
	at::Tensor greatest = plane.clone(), along_row = plane;
	for (int half = 0; half <= radius; half++) {
		if (half > 0)
			along_row = at::maximum(along_row, at::maximum(moved(plane, 0, half), moved(plane, 0, -half)));
		for (int y = -radius; y <= radius; y++)
			if (static_cast<int>(std::sqrt(radius * radius - y * y) + rounding) == half)
				greatest = at::maximum(greatest, moved(along_row, y, 0));
	}
	return greatest;
}

at::Tensor of_few_lines(const at::Tensor &alpha)
{
	constexpr int64_t most_lines = 540;
	const int64_t height = alpha.size(1), width = alpha.size(2);
	if (height <= most_lines)
		return alpha;
	const int64_t narrower = std::max<int64_t>(1, std::lround(1.0 * width * most_lines / height));
	return at::_upsample_bilinear2d_aa(alpha.unsqueeze(0), {most_lines, narrower}, false)[0];
}

// (1, H, W) -> 1 where the pixel to the right, below or in between is on the other side of 0.5, else 0; bytes.
at::Tensor contour(const at::Tensor &alpha)
{
	const int64_t height = alpha.size(1), width = alpha.size(2);
	const at::Tensor repeated = at::replication_pad2d(alpha, {0, 1, 0, 1}).gt(0.5);
	const auto from = [&](int64_t y, int64_t x) {
		return repeated.slice(1, y, y + height).slice(2, x, x + width);
	};
	const at::Tensor here = from(0, 0);
	return (here.ne(from(0, 1)) | here.ne(from(1, 0)) | here.ne(from(1, 1))).to(at::kByte);
}

} // namespace

at::Tensor edge_band(const at::Tensor &true_alpha)
{
	constexpr int radius = 10;
	constexpr double flat = 5.5 / 255; // between 5 and 6 of 8 bits: rounding must not decide
	// The least is the greatest of what is missing.
	return (greatest_nearby(true_alpha, radius, Disc::opencv) +
		greatest_nearby(1 - true_alpha, radius, Disc::opencv) - 1)
		.gt(flat);
}

Truth::Truth(const at::Tensor &alpha)
	: alpha(alpha), edge(edge_band(alpha)), foreground(alpha.ge(0.98) & ~edge), background(alpha.le(0.02) & ~edge)
{
}

double boundary_f(const at::Tensor &alpha, const at::Tensor &true_alpha)
{
	constexpr double tolerance = 0.008; // of the diagonal
	const at::Tensor found = contour(of_few_lines(alpha)), wanted = contour(of_few_lines(true_alpha));
	const auto radius = static_cast<int>(std::ceil(tolerance * std::hypot(found.size(1), found.size(2))));
	const auto share_near = [radius](const at::Tensor &some, const at::Tensor &others) {
		const auto count = static_cast<double>(some.sum().item<int64_t>());
		return count > 0 ? (some * greatest_nearby(others, radius, Disc::davis)).sum().item<double>() / count
				 : 1;
	};
	const double precision = share_near(found, wanted), recall = share_near(wanted, found);
	return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

} // namespace matting::training
