// SPDX-License-Identifier: GPL-2.0-or-later
// Gaps that are finer than the large network sees: see Note [Gaps that are closed].
#include "inference/bitmap.hpp"
#include "inference/edge_solver.hpp"

#include <array>
#include <cmath>
#include <random>

#include <gmock/gmock.h>

namespace matting {
namespace {

constexpr int width = 320, height = 200, radius = 80, period = 9, gap = 5;
constexpr std::array<int, 3> wall{120, 150, 190};

bool is_gap(int x, int y)
{
	return x % period < gap && (y + x / period * 4) % period < gap;
}

// Leaves of many shades, all of which the matte takes for solid; between them there is the wall, or what is as different from it
// as `offset`.
struct Lattice {
	Bitmap source{width, height}, plate{width, height}, matte{width, height};

	Lattice(int noise, int offset)
	{
		std::mt19937 random(5);
		std::uniform_int_distribution<int> grain(-noise, noise);
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++) {
				const bool is_plant = std::hypot(x - width / 2, y - height / 2) < radius;
				const int shade = 30 * ((x / period + y / period) % 3);
				const std::array<int, 3> leaf{60 + shade, 110 - shade, 30 + shade / 2};
				for (size_t c = 0; c < 3; c++) {
					const int behind = wall[c] + (is_plant ? offset : 0);
					source.pixels[at(x, y) + c] = static_cast<uint8_t>(
						(is_plant && !is_gap(x, y) ? leaf[c] : behind) + grain(random));
					plate.pixels[at(x, y) + c] = static_cast<uint8_t>(wall[c]);
					matte.pixels[at(x, y) + c] = static_cast<uint8_t>(is_plant ? leaf[c] : 0);
				}
				source.pixels[at(x, y) + 3] = plate.pixels[at(x, y) + 3] = 255;
				matte.pixels[at(x, y) + 3] = is_plant ? 255 : 0;
			}
	}

	static size_t at(int x, int y) { return 4 * (size_t{1} * y * width + x); }

	// Mean alpha of gaps, and of the leaves between them, after the edges were solved.
	std::array<double, 2> solved()
	{
		const auto solver = make_edge_solver();
		solver->set_plate(plate.picture());
		solver->solve(source.picture(), matte.picture(), 1);
		std::array<double, 2> sums{}, counts{};
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++)
				if (std::hypot(x - width / 2, y - height / 2) < radius - 10) {
					sums[is_gap(x, y) ? 0 : 1] += matte.pixels[at(x, y) + 3] / 255.0;
					counts[is_gap(x, y) ? 0 : 1]++;
				}
		return {sums[0] / counts[0], sums[1] / counts[1]};
	}
};

TEST(EdgeGaps, AreOpenedWhereTheyShowTheRoom)
{
	for (const int noise : {0, 2, 4}) {
		const auto [gaps, leaves] = Lattice(noise, 0).solved();
		EXPECT_LT(gaps, 0.1) << noise;
		EXPECT_GT(leaves, 0.97) << noise;
	}
}

TEST(EdgeGaps, StayClosedWhereSomethingLikeTheRoomFillsThem)
{
	for (const int offset : {-20, -12, 12, 20}) {
		const auto [gaps, leaves] = Lattice(2, offset).solved();
		EXPECT_GT(gaps, 0.9) << offset;
		EXPECT_GT(leaves, 0.97) << offset;
	}
}

} // namespace
} // namespace matting
