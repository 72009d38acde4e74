// SPDX-License-Identifier: GPL-2.0-or-later
// Edges of large pictures: see Note [Large pictures first at half the size].
#include "inference/bitmap.hpp"
#include "inference/edge_cells.hpp"
#include "inference/edge_solver.hpp"
#include "inference/fast/edge_pyramid.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <random>

#include <gmock/gmock.h>

namespace matting {
namespace {

constexpr int width = edge_least_halved, height = 240;

// Brown fur of strands that are light and dark, 10 to 14 pixels wide, before a wall with stripes; and a matte that sees none
// of them beyond the skin.
struct Fur {
	Bitmap source{width, height}, plate{width, height}, matte{width, height};
	std::vector<double> alpha = std::vector<double>(size_t{1} * width * height);

	explicit Fur(int noise)
	{
		std::mt19937 random(1);
		std::uniform_int_distribution<int> grain(-noise, noise);
		constexpr int skin = 120, tips = 200;
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++) {
				const double lean = x + 0.2 * y, strand = std::sin(lean * 2 * M_PI / 24);
				const bool is_fur = y < tips && strand > 0;
				const double seen = y < skin ? 1 : is_fur ? std::min(1.0, 3 * strand) : 0;
				const double shade = 1 + 0.5 * std::sin(0.37 * std::floor(lean / 12));
				const double fur[] = {120 * shade, 100 * shade, 85 * shade},
					     wall[] = {60, 70.0 + 30 * ((x / 40) % 2), 100};
				const size_t i = 4 * (size_t{1} * y * width + x);
				const double fades = std::clamp(1 - (y - skin) / 40.0, 0.0, 1.0);
				for (size_t c = 0; c < 3; c++) {
					source.pixels[i + c] = static_cast<uint8_t>(
						std::lround(seen * fur[c] + (1 - seen) * wall[c]) + grain(random));
					plate.pixels[i + c] = static_cast<uint8_t>(wall[c]);
					matte.pixels[i + c] = fades > 0 ? static_cast<uint8_t>(fur[c]) : uint8_t{0};
				}
				source.pixels[i + 3] = plate.pixels[i + 3] = 255;
				matte.pixels[i + 3] = static_cast<uint8_t>(std::lround(255 * fades));
				alpha[i / 4] = seen;
			}
	}

	double error() const
	{
		double sum = 0;
		for (size_t i = 0; i < alpha.size(); i++)
			sum += std::abs(matte.pixels[4 * i + 3] / 255.0 - alpha[i]);
		return sum;
	}
};

double error_after(EdgeSolver &solver, Fur fur)
{
	solver.set_plate(fur.plate.picture());
	solver.solve(fur.source.picture(), fur.matte.picture(), 1);
	return fur.error();
}

TEST(EdgePyramid, SeesWideStrandsBetterThanOneSize)
{
	for (const int noise : {0, 4}) {
		const Fur fur(noise);
		const double at_one_size = error_after(*make_flat_edge_solver(), fur),
			     error = error_after(*make_edge_solver(), fur);
		EXPECT_LT(at_one_size, fur.error());
		EXPECT_LT(error, 0.95 * at_one_size) << noise;
	}
}

TEST(EdgePyramid, HidesWhatTheSourceHides)
{
	Fur fur(0);
	const auto is_hidden = [](size_t pixel) { // one of four: half the picture is opaque
		return pixel % 2 == 0 && pixel / width % 2 == 0;
	};
	for (size_t i = 0; i < fur.alpha.size(); i++)
		if (is_hidden(i))
			fur.source.pixels[4 * i + 3] = 254;
	const std::vector<uint8_t> before = fur.matte.pixels;
	const auto solver = make_edge_solver();
	solver->set_plate(fur.plate.picture());
	solver->solve(fur.source.picture(), fur.matte.picture(), 1);
	size_t changed = 0;
	for (size_t i = 0; i < fur.alpha.size(); i++) {
		const bool is_same = fur.matte.pixels[4 * i + 3] == before[4 * i + 3];
		changed += !is_same;
		EXPECT_TRUE(is_same || !is_hidden(i)) << i;
	}
	EXPECT_GT(changed, 1000);
}

// What is new in the room and far from whoever is seen stays hidden, however little it looks like the plate.
TEST(EdgePyramid, ReachesOnlyWhatIsNear)
{
	Fur fur(0);
	constexpr int last_seen = 160, reach = 32; // of each size two cells beyond one that is soft
	for (int y = last_seen; y < height; y++)
		for (int x = 0; x < width; x++)
			std::copy_n(std::array<uint8_t, 4>{220, 190, 40, 255}.data(), 4,
				    fur.source.pixels.data() + 4 * (size_t{1} * y * width + x));
	const auto solver = make_edge_solver();
	solver->set_plate(fur.plate.picture());
	solver->solve(fur.source.picture(), fur.matte.picture(), 1);
	for (int y = last_seen + reach; y < height; y++)
		for (int x = 0; x < width; x++)
			ASSERT_EQ(fur.matte.pixels[4 * (size_t{1} * y * width + x) + 3], 0) << x << ", " << y;
}

TEST(EdgePyramid, TakesAnotherPlateAndSize)
{
	const auto solver = make_edge_solver();
	const Fur fur(0);
	const double expected = error_after(*make_edge_solver(), fur);
	Bitmap small(64, 48);
	solver->set_plate(small.picture());
	solver->solve(small.picture(), small.picture(), 1);
	Bitmap wall(width, height); // black: another plate of the same size
	solver->set_plate(wall.picture());
	Fur other(0);
	solver->solve(other.source.picture(), other.matte.picture(), 1);
	EXPECT_NE(other.error(), expected);
	EXPECT_EQ(error_after(*solver, fur), expected);
}

// At both sizes, that is; the network is told what the smaller one has found.
TEST(EdgePyramid, TellsTheNetworkOfAllPixelsOfTheBandOnce)
{
	for (const bool is_flat : {true, false}) {
		Fur fur(0);
		std::vector<std::atomic<int>> seen(fur.alpha.size());
		std::atomic<int> more = 0;
		const auto solver = is_flat ? make_flat_edge_solver() : make_edge_solver();
		solver->set_plate(fur.plate.picture());
		solver->look(fur.source.picture(), fur.matte.picture(),
			     [&](int x, int y, int count, const float *features, int step) {
				     for (int i = 0; i < count; i++) {
					     const size_t pixel = size_t{1} * y * width + x + i;
					     const double before = fur.matte.pixels[4 * pixel + 3] / 255.0;
					     seen[pixel]++;
					     more += features[i] > before + 0.01;
					     for (int f = 0; f < EdgeNetwork::features; f++)
						     EXPECT_TRUE(std::isfinite(features[f * step + i]));
				     }
			     });
		EXPECT_EQ(more > 0, !is_flat);
		for (size_t pixel = 0; pixel < seen.size(); pixel++) {
			const int times = seen[pixel], alpha = fur.matte.pixels[4 * pixel + 3];
			EXPECT_LE(times, 1);
			if (is_flat && alpha > edge_clear && alpha < edge_solid) {
				EXPECT_EQ(times, 1) << pixel;
			}
		}
	}
}

} // namespace
} // namespace matting
