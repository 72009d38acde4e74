// SPDX-License-Identifier: GPL-2.0-or-later
// Edges, solved with the plate.
#include "inference/bitmap.hpp"
#include "inference/edge_cells.hpp"
#include "inference/edge_solver.hpp"
#include "inference/fast/instruction_set.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <random>

#include <gmock/gmock.h>

namespace matting {
namespace {

constexpr int width = 320, height = 200;

// A red disc with strands of two pixels, before a wall with stripes; and a matte that has seen a blurred disc.
struct Scene {
	Bitmap source, plate, matte, truth;
};

double true_alpha(int x, int y)
{
	const double dx = x - 160, dy = y - 100, distance = std::hypot(dx, dy);
	if (distance < 60)
		return 1;
	const bool is_strand = std::abs(std::remainder(std::atan2(dy, dx) * 75, 5.0)) < 1.1;
	return is_strand && distance < 75 ? 0.8 : 0;
}

double blurred_alpha(int x, int y)
{
	return std::clamp((75 - std::hypot(x - 160, y - 100)) / 14, 0.0, 1.0);
}

/// `shades`: each 2x2 pixels of the person are lighter or darker than its mean by up to this share; it is brown, the wall dark.
Scene scene(int noise = 0, double shades = 0)
{
	Scene scene{Bitmap(width, height), Bitmap(width, height), Bitmap(width, height), Bitmap(width, height)};
	std::mt19937 random(1);
	std::uniform_int_distribution<int> grain(-noise, noise);
	std::uniform_real_distribution<double> shade(1 - shades, 1 + shades);
	std::vector<double> light(size_t{1} * width * height);
	std::ranges::generate(light, [&] { return shade(random); });
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			const double alpha = true_alpha(x, y), here = light[size_t{1} * (y / 2) * width + x / 2];
			const double red[] = {200, 40, 30}, brown[] = {150, 125, 105}, stripe = 20 * ((x / 9) % 2);
			const double bright[] = {90, 140.0 + stripe, 170}, dark[] = {50, 60 + stripe, 90};
			const double *person = shades > 0 ? brown : red, *wall = shades > 0 ? dark : bright;
			const size_t i = 4 * (size_t{1} * y * width + x);
			const auto seen = static_cast<uint8_t>(std::lround(255 * blurred_alpha(x, y)));
			for (size_t c = 0; c < 3; c++) {
				scene.source.pixels[i + c] = static_cast<uint8_t>(
					std::lround(alpha * here * person[c] + (1 - alpha) * wall[c]) + grain(random));
				scene.plate.pixels[i + c] = static_cast<uint8_t>(wall[c]);
				scene.matte.pixels[i + c] = seen ? static_cast<uint8_t>(person[c]) : uint8_t{0};
			}
			scene.source.pixels[i + 3] = scene.plate.pixels[i + 3] = 255;
			scene.matte.pixels[i + 3] = seen;
			scene.truth.pixels[i + 3] = static_cast<uint8_t>(std::lround(255 * alpha));
		}
	return scene;
}

void solve(const Picture &source, const Picture &plate, const Picture &matte, float strength)
{
	const auto solver = make_edge_solver();
	solver->set_plate(plate);
	solver->solve(source, matte, strength);
}

Bitmap solved(Scene scene, float strength = 1)
{
	solve(scene.source.picture(), scene.plate.picture(), scene.matte.picture(), strength);
	return scene.matte;
}

double difference(const Bitmap &a, const Bitmap &b)
{
	double sum = 0;
	for (size_t i = 3; i < a.pixels.size(); i += 4)
		sum += std::abs(a.pixels[i] - b.pixels[i]);
	return sum;
}

TEST(Edges, AreSeenWhereThePlateShowsThem)
{
	for (const int noise : {0, 4}) {
		const Scene given = scene(noise);
		const double before = difference(given.matte, given.truth),
			     after = difference(solved(given), given.truth);
		EXPECT_LT(after, 0.25 * before) << noise;
	}
}

// See Note [Light and dark of the foreground].
TEST(Edges, AreSeenInHairOfManyShades)
{
	for (const int noise : {0, 2}) {
		const Scene given = scene(noise, 0.5);
		const double before = difference(given.matte, given.truth),
			     after = difference(solved(given), given.truth);
		EXPECT_LT(after, 0.33 * before) << noise;
	}
}

TEST(Edges, ChangeByTheStrength)
{
	const Scene given = scene();
	EXPECT_EQ(solved(given, 0).pixels, given.matte.pixels);
	const double all = difference(solved(given), given.matte), half = difference(solved(given, 0.5), given.matte);
	EXPECT_NEAR(half / all, 0.5, 0.02);
}

TEST(Edges, AreSteadyWhenTheCameraIsNot)
{
	// The same scene with other noise differs by little in the solved matte: no more than its own noise makes.
	const Bitmap plain = solved(scene()), noisy = solved(scene(2));
	EXPECT_LT(difference(plain, noisy) / (255.0 * width * height), 0.0015);
}

TEST(Edges, LeaveAnEmptyRoomAlone)
{
	Scene given = scene();
	given.matte = Bitmap(width, height);
	EXPECT_EQ(solved(given).pixels, given.matte.pixels);
}

TEST(Edges, LeaveAVeilWithNothingSolidAroundAlone)
{
	Scene given = scene();
	for (size_t i = 3; i < given.matte.pixels.size(); i += 4)
		given.matte.pixels[i] = 100;
	EXPECT_EQ(solved(given).pixels, given.matte.pixels);
}

TEST(Edges, LeaveWhatIsFarFromThemAlone)
{
	const Scene given = scene();
	const Bitmap result = solved(given);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			const double distance = std::hypot(x - 160, y - 100);
			if (distance > 30 && distance < 120)
				continue;
			const size_t i = 4 * (size_t{1} * y * width + x);
			ASSERT_EQ(std::vector(result.pixels.begin() + i, result.pixels.begin() + i + 4),
				  std::vector(given.matte.pixels.begin() + i, given.matte.pixels.begin() + i + 4))
				<< x << ", " << y;
		}
}

TEST(Edges, HaveColourWhereTheyAreSeenAndNoneElsewhere)
{
	const Bitmap result = solved(scene());
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			const uint8_t *pixel = result.pixels.data() + 4 * (size_t{1} * y * width + x);
			if (pixel[3] == 0) {
				EXPECT_EQ(pixel[0] + pixel[1] + pixel[2], 0) << x << ", " << y;
				continue;
			}
			EXPECT_NEAR(pixel[0], 200, 3) << x << ", " << y;
		}
}

TEST(Edges, StayWhereTheSourceIsNotOpaque)
{
	Scene given = scene();
	for (size_t i = 3; i < given.source.pixels.size(); i += 4)
		given.source.pixels[i] = 254;
	EXPECT_EQ(solved(given).pixels, given.matte.pixels);
}

// All of the picture is taken for a person, who has a hole through which the wall is seen, a shirt with a patch of the
// wall's mean colour, and one with stripes like the wall's, but elsewhere.
constexpr int hole = 30, patch = 130, stripes = 230; // their left sides
constexpr int part_width = 50, part_top = 60, part_height = 80;

Scene closed_hole(int noise)
{
	Scene scene{Bitmap(width, height), Bitmap(width, height), Bitmap(width, height), Bitmap(width, height)};
	std::mt19937 random(3);
	std::uniform_int_distribution<int> grain(-noise, noise);
	const auto is_in = [](int left, int x, int y) {
		return x >= left && x < left + part_width && y >= part_top && y < part_top + part_height;
	};
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			const auto wall = [y](int column) {
				return 140 + 20 * (((column + y / 3) / 9) % 2);
			};
			const int person[] = {200, 40 + x / 8, 30},
				  seen[] = {90, is_in(patch, x, y) ? 150 : wall(is_in(stripes, x, y) ? x + 7 : x), 170};
			const bool is_person = !is_in(hole, x, y) && !is_in(patch, x, y) && !is_in(stripes, x, y);
			const size_t i = 4 * (size_t{1} * y * width + x);
			for (size_t c = 0; c < 3; c++) {
				scene.source.pixels[i + c] =
					static_cast<uint8_t>((is_person ? person[c] : seen[c]) + grain(random));
				scene.plate.pixels[i + c] = static_cast<uint8_t>(c == 1 ? wall(x) : seen[c]);
				scene.matte.pixels[i + c] = static_cast<uint8_t>(person[c]);
			}
			for (Bitmap *bitmap : {&scene.source, &scene.plate, &scene.matte})
				bitmap->pixels[i + 3] = 255;
			scene.truth.pixels[i + 3] = is_in(hole, x, y) ? 0 : 255;
		}
	return scene;
}

TEST(Edges, OpenAHoleThatShowsTheWallsTexture)
{
	for (const int noise : {0, 4})
		for (const float strength : {1.0f, 0.5f}) {
			const Bitmap result = solved(closed_hole(noise), strength);
			for (int y = 0; y < height; y++)
				for (int x = 0; x < width; x++) {
					const int out = std::max({hole - x, x - (hole + part_width - 1), part_top - y,
								  y - (part_top + part_height - 1)}); // of the hole
					const int alpha = result.pixels[4 * (size_t{1} * y * width + x) + 3];
					if (out <= -14) {
						EXPECT_EQ(alpha, 0) << x << ", " << y << ", noise " << noise;
					} else if (out >= 10) {
						EXPECT_GE(alpha, 250) << x << ", " << y << ", noise " << noise;
					}
				}
			const Scene given = closed_hole(noise);
			EXPECT_LT(difference(result, given.truth), 0.12 * difference(given.matte, given.truth));
		}
}

void expect_same_by_all_instruction_sets(const Scene &given)
{
	std::vector<Bitmap> results;
	for (const InstructionSet set : instruction_sets()) {
		setenv("MATTING_ISA", instruction_set_names[static_cast<size_t>(set)], 1);
		results.push_back(solved(given));
	}
	unsetenv("MATTING_ISA");
	for (const Bitmap &result : results)
		for (size_t i = 3; i < result.pixels.size(); i += 4)
			ASSERT_NEAR(result.pixels[i], results[0].pixels[i], 1) << i / 4;
}

TEST(Edges, AreTheSameByAllInstructionSets)
{
	for (const Scene &given : {scene(3), closed_hole(3)})
		expect_same_by_all_instruction_sets(given);
}
// Any size, rows that lie apart, and nothing touched between them.
TEST(Edges, TakePicturesOfAnySize)
{
	constexpr int spare = 20;
	const Scene whole = scene();
	for (const auto &[columns, rows] : {std::pair{1, 1}, {1, 9}, {7, 1}, {33, 18}, {130, 67}, {127, 130}}) {
		const auto part = [columns = columns, rows = rows](const Bitmap &bitmap) {
			std::vector<uint8_t> bytes((size_t{4} * columns + spare) * rows, 0xA5);
			for (int y = 0; y < rows; y++)
				std::copy_n(bitmap.pixels.data() + 4 * ((y + 30) * width + 95), 4 * columns,
					    bytes.data() + y * (4 * columns + spare));
			return bytes;
		};
		const auto picture = [columns = columns, rows = rows](std::vector<uint8_t> &bytes) {
			return Picture{bytes.data(), columns, rows, std::ptrdiff_t{4} * columns + spare, Device::cpu};
		};
		std::vector<uint8_t> source = part(whole.source), plate = part(whole.plate), matte = part(whole.matte);
		solve(picture(source), picture(plate), picture(matte), 1);
		for (int y = 0; y < rows; y++)
			for (int i = 0; i < spare; i++)
				ASSERT_EQ(matte[y * (4 * columns + spare) + 4 * columns + i], 0xA5)
					<< columns << 'x' << rows;
		EXPECT_EQ(source, part(whole.source));
	}
}

} // namespace
} // namespace matting
