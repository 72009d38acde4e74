// SPDX-License-Identifier: GPL-2.0-or-later
#include "edge_pyramid.hpp"

#include "edge_masks.hpp"

#include "inference/bitmap.hpp"
#include "inference/edge_cells.hpp"

#include <algorithm>
#include <cstring>

namespace matting {
namespace {

#define MATTING_EDGE_FUNCTION inline
#include "inference/edge_pyramid.inl"

uint64_t two_pixels(const uint8_t *from)
{
	uint64_t bytes;
	std::memcpy(&bytes, from, sizeof bytes);
	return bytes;
}

/// As edge_halve, of two pixels above two: all bytes at once.
uint32_t mean(uint64_t upper, uint64_t lower)
{
	constexpr uint64_t every_second = 0x00FF00FF00FF00FF;
	const auto halved = [](uint64_t sums) { // of two bytes, 16 bits each
		return (static_cast<uint32_t>(sums) + static_cast<uint32_t>(sums >> 32) + 0x00020002) >> 2 & 0x00FF00FF;
	};
	return halved((upper & every_second) + (lower & every_second)) |
	       halved((upper >> 8 & every_second) + (lower >> 8 & every_second)) << 8;
}

struct HalvePixels {
	void operator()(const uint8_t *upper, const uint8_t *lower, uint8_t *to) const
	{
		const uint32_t word = mean(two_pixels(upper), two_pixels(lower));
		std::memcpy(to, &word, sizeof word);
	}
};

/// Where all is clear, which has no colour, or all is solid, as any picture.
struct HalveMattePixels {
	void operator()(const uint8_t *upper, const uint8_t *lower, uint8_t *to) const
	{
		constexpr uint64_t alphas = 0xFF000000FF000000;
		const uint64_t above = two_pixels(upper), below = two_pixels(lower);
		if (((above | below) & alphas) == 0)
			std::memset(to, 0, 4);
		else if ((above & below & alphas) == alphas)
			HalvePixels()(upper, lower, to);
		else
			edge_halve_matte({upper, upper + 4, lower, lower + 4}, to);
	}
};

/// Calls make(upper, lower, to) for each pixel of the half, with two pixels each; beyond an odd side the picture goes on.
template<typename Make> void halve(const Picture &picture, Bitmap &half, const Make &make)
{
	half.resize((picture.width + 1) / 2, (picture.height + 1) / 2);
	for_rows(half.height, [&](int y) {
		const uint8_t *upper = picture.pixels + 2 * y * picture.pitch;
		const uint8_t *lower = 2 * y + 1 < picture.height ? upper + picture.pitch : upper;
		uint8_t *to = half.pixels.data() + size_t{4} * y * half.width;
		for (int x = 0; x < picture.width / 2; x++, upper += 8, lower += 8, to += 4)
			make(upper, lower, to);
		if (picture.width % 2 == 1) {
			uint8_t above[8], below[8];
			for (int i = 0; i < 8; i++)
				above[i] = upper[i % 4], below[i] = lower[i % 4];
			make(above, below, to);
		}
	});
}

class EdgePyramid : public EdgeSolver {
public:
	void set_plate(const Picture &plate) override
	{
		flat_->set_plate(plate);
		if (std::max(plate.width, plate.height) < edge_least_halved)
			return half_.reset();
		halve(plate, half_plate_, HalvePixels());
		if (!half_)
			half_ = std::make_unique<EdgePyramid>();
		half_->set_plate(half_plate_.picture());
	}
	void solve(const Picture &source, const Picture &result, float strength) override
	{
		begin(source, result, strength);
		flat_->solve(source, result, strength);
	}
	void look(const Picture &source, const Picture &result, const EdgeFeatures &visit) override
	{
		if (!half_)
			return flat_->look(source, result, visit);
		Bitmap begun(result);
		begin(source, begun.picture(), 1);
		flat_->look(source, begun.picture(), visit);
	}

private:
	void begin(const Picture &source, const Picture &result, float strength);
	void add(const Picture &source, const Picture &result) const;

	std::unique_ptr<EdgeSolver> flat_ = make_flat_edge_solver();
	std::unique_ptr<EdgePyramid> half_;
	Bitmap half_plate_, half_source_, half_matte_;
	std::vector<uint8_t> before_; // alpha of half_matte_; then what it has gained
	std::vector<uint8_t> gains_;  // rows of it that have gained something
};

void EdgePyramid::begin(const Picture &source, const Picture &result, float strength)
{
	if (!half_)
		return;
	halve(source, half_source_, HalvePixels());
	halve(result, half_matte_, HalveMattePixels());
	const int width = half_matte_.width;
	before_.resize(size_t{1} * width * half_matte_.height);
	gains_.resize(half_matte_.height);
	const auto for_pixels = [&](const auto &visit) {
		for_rows(half_matte_.height, [&](int y) {
			for (size_t i = size_t{1} * y * width, end = i + width; i < end; i++)
				visit(y, before_[i], half_matte_.pixels[4 * i + 3]);
		});
	};
	for_pixels([](int, uint8_t &before, uint8_t alpha) { before = alpha; });
	half_->solve(half_source_.picture(), half_matte_.picture(), strength);
	std::ranges::fill(gains_, uint8_t{0});
	for_pixels([&](int y, uint8_t &before, uint8_t alpha) {
		before = alpha > before ? alpha - before : 0;
		gains_[y] |= before;
	});
	add(source, result);
}

void EdgePyramid::add(const Picture &source, const Picture &result) const
{
	const int width = half_matte_.width, height = half_matte_.height;
	for_rows(result.height, [&](int y) {
		const int row = y / 2, other = edge_next(y, height);
		if (!gains_[row] && !gains_[other])
			return;
		const uint8_t *near = before_.data() + size_t{1} * row * width,
			      *far = before_.data() + size_t{1} * other * width;
		const auto is_far_from_gains = [&](int column) { // sixteen pixels from there on
			if (column < 1 || column + 9 > width)
				return false;
			uint64_t gains[4];
			for (int i = 0; i < 2; i++) {
				std::memcpy(gains + i, near + column - 1 + 2 * i, sizeof(uint64_t));
				std::memcpy(gains + 2 + i, far + column - 1 + 2 * i, sizeof(uint64_t));
			}
			return (gains[0] | gains[1] | gains[2] | gains[3]) == 0;
		};
		for (int x = 0; x < result.width; x++) {
			if (x % 16 == 0 && is_far_from_gains(x / 2)) {
				x += 15;
				continue;
			}
			const EdgeNearest nearest = edge_nearest(y, x, height, width);
			int gains[4];
			const uint8_t *solved[4];
			for (int i = 0; i < 4; i++) {
				const size_t at = size_t{1} * nearest.rows[i] * width + nearest.columns[i];
				gains[i] = before_[at];
				solved[i] = half_matte_.pixels.data() + 4 * at;
			}
			if (source.pixels[y * source.pitch + 4 * x + 3] == 255)
				edge_add(edge_gain(gains), solved, result.pixels + y * result.pitch + 4 * x);
		}
	});
}

} // namespace

std::unique_ptr<EdgeSolver> make_edge_solver()
{
	return std::make_unique<EdgePyramid>();
}

} // namespace matting
