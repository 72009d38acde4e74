// SPDX-License-Identifier: GPL-2.0-or-later
// A plate that follows the camera and the light, and mattes that tell when it does not fit.
#include "inference/alignment.hpp"
#include "inference/plate_follower.hpp"
#include "wall.hpp"

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <new>
#include <random>

#include <gmock/gmock.h>

namespace {

std::atomic<int64_t> allocations = 0;

} // namespace

/// The one that all of the program calls.
void *operator new(std::size_t size)
{
	allocations++;
	if (void *memory = std::malloc(size))
		return memory;
	throw std::bad_alloc();
}

void operator delete(void *memory) noexcept
{
	std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
	std::free(memory);
}

namespace matting {
namespace {

/// The mean difference of two pictures, away from the edges.
double difference(const Bitmap &a, const Picture &b)
{
	double sum = 0;
	int count = 0;
	for (int y = a.height / 8; y < a.height * 7 / 8; y++)
		for (int x = a.width / 8; x < a.width * 7 / 8; x++)
			for (int c = 0; c < 3; c++, count++)
				sum += std::abs(a.pixels[size_t{4} * (size_t{1} * y * a.width + x) + c] -
						b.pixels[y * b.pitch + 4 * x + c]);
	return sum / count;
}

struct Movement {
	const char *name;
	Homography homography;
};

void PrintTo(const Movement &movement, std::ostream *stream)
{
	*stream << movement.name;
}

class Following : public testing::TestWithParam<Movement> {};

TEST_P(Following, BringsThePlateOver)
{
	Bitmap plate = draw(), frame = draw(GetParam().homography, {1.08, 1, 0.93}, 4);
	const Bitmap room = draw(GetParam().homography, {1.08, 1, 0.93});
	put_somebody(frame, width / 4, width * 3 / 4, height / 5);
	PlateFollower follower;
	follower.set_plate(plate.picture());
	EXPECT_GT(difference(room, follower.plate()), 6);
	EXPECT_TRUE(follower.look(frame.picture()));
	EXPECT_LT(difference(room, follower.plate()), 2.5);
	EXPECT_NEAR(follower.light()[0], 1.08, 0.03);
	EXPECT_NEAR(follower.light()[2], 0.93, 0.03);
	EXPECT_FALSE(follower.look(frame.picture())); // it fits now
}

INSTANTIATE_TEST_SUITE_P(Movements, Following,
			 testing::Values(Movement{"bumped", {{1, 0, 0.03, 0, 1, -0.02, 0, 0, 1}}},
					 Movement{"shifted_by_3_percent", {{1, 0, 0.06, 0, 1, 0.01, 0, 0, 1}}},
					 Movement{"turned", {{0.9994, -0.035, 0.01, 0.035, 0.9994, 0, 0, 0, 1}}},
					 Movement{"zoomed", {{1.1, 0, 0, 0, 1.1, 0, 0, 0, 1}}},
					 Movement{"tilted", {{1.01, 0.01, 0.02, -0.01, 1.02, 0.03, 0.01, -0.015, 1}}}),
			 [](const auto &info) { return info.param.name; });

// Both are in the room's light as far as grey says.
TEST(Follower, MeasuresTheLightWithoutWhoIsThereAndWhatIsClipped)
{
	for (const bool has_board : {false, true}) {
		Bitmap plate = draw();
		if (has_board)
			for (int y = height / 3; y < height; y++)
				for (int x = 0; x < width / 2; x++)
					std::fill_n(plate.pixels.data() + size_t{4} * (size_t{1} * y * width + x), 3,
						    uint8_t{236});
		Bitmap frame = plate;
		for (size_t i = 0; i < frame.pixels.size(); i += 4) {
			const bool is_somebody = !has_board && i / 4 % width < width / 3;
			uint8_t *pixel = frame.pixels.data() + i;
			const double lit[] = {pixel[0] * 0.9, pixel[1] * 1.0, pixel[2] * 1.1};
			for (int c = 0; c < 3; c++)
				pixel[c] = static_cast<uint8_t>(
					std::clamp(lit[c] + (is_somebody ? 40 - 40 * c : 0), 0.0, 255.0));
		}
		PlateFollower follower;
		follower.set_plate(plate.picture());
		EXPECT_TRUE(follower.look(frame.picture()));
		EXPECT_NEAR(follower.light()[0], 0.9, 0.01) << has_board;
		EXPECT_NEAR(follower.light()[1], 1, 0.01) << has_board;
		EXPECT_NEAR(follower.light()[2], 1.1, 0.01) << has_board;
	}
}

// The small pictures that the movement is found on end before these do.
TEST(Follower, BringsPicturesOverThatAreNoWholeBlocks)
{
	constexpr int odd_width = 1151, odd_height = 647;
	const Homography movement{{1.1, 0, 0.2, 0, 1.1, -0.1, 0, 0, 1}};
	Bitmap plate = draw({}, {1, 1, 1}, 0, odd_width, odd_height),
	       frame = draw(movement, {1, 1, 1}, 0, odd_width, odd_height);
	PlateFollower follower;
	follower.set_plate(plate.picture());
	EXPECT_TRUE(follower.look(frame.picture()));
	EXPECT_LT(difference(frame, follower.plate()), 0.5);
}

TEST(Follower, LooksAtPicturesThatAreHardlyWide)
{
	for (const auto &[slim_width, slim_height] : {std::pair{16, 5000}, {5000, 16}}) {
		Bitmap plate = draw({}, {1, 1, 1}, 0, slim_width, slim_height);
		PlateFollower follower;
		follower.set_plate(plate.picture());
		EXPECT_FALSE(follower.look(plate.picture()));
		EXPECT_GT(follower.figures_of(plate.picture()).fit, 0.9);
	}
}

TEST(Follower, LeavesAloneWhatFits)
{
	Bitmap plate = draw(), frame = draw({}, {1, 1, 1}, 4);
	put_somebody(frame, width / 3, width * 2 / 3, height / 3);
	PlateFollower follower;
	follower.set_plate(plate.picture());
	for (int i = 0; i < 40; i++)
		EXPECT_FALSE(follower.look(frame.picture())) << i;
	EXPECT_EQ(difference(plate, follower.plate()), 0);
}

TEST(Follower, FollowsAtOnceWhenTheCameraIsBumpedJustAfterItWasFirstSeen)
{
	Bitmap plate = draw(), moved = draw({{1, 0, 0.04, 0, 1, 0, 0, 0, 1}});
	PlateFollower follower;
	follower.set_plate(plate.picture());
	EXPECT_FALSE(follower.look(plate.picture()));
	EXPECT_TRUE(follower.look(moved.picture()));
}

class TurnedFar : public testing::TestWithParam<Movement> {};

TEST_P(TurnedFar, IsFollowedAsFarAsThePlateGoes)
{
	const Homography &turn = GetParam().homography;
	Bitmap plate = draw(), frame = draw(turn, {1.05, 1, 0.95}, 4);
	put_somebody(frame, width / 3, width * 2 / 3, height / 3);
	PlateFollower follower;
	follower.set_plate(plate.picture());
	EXPECT_TRUE(follower.look(frame.picture()));
	const double height_in_widths = static_cast<double>(height) / width;
	EXPECT_NEAR(follower.movement(), turn.movement(height_in_widths) * width, 2);
	const double across = std::abs(turn.m[2]) / 2, down = std::abs(turn.m[5]) / 2 / height_in_widths;
	EXPECT_NEAR(follower.unseen(), across + down - across * down, 0.02);
	Bitmap opaque = draw();
	follower.clear_unknown(opaque.picture());
	int visible = 0;
	for (size_t i = 3; i < opaque.pixels.size(); i += 4)
		visible += opaque.pixels[i] > 0;
	EXPECT_LT(visible, 1.15 * (1 - follower.unseen()) * width * height);
	EXPECT_EQ(judge(follower.figures_of(draw().picture())), Verdict::room) << "all of it is opaque";
}

INSTANTIATE_TEST_SUITE_P(Movements, TurnedFar,
			 testing::Values(Movement{"to_the_left", {{1, 0, 0.24, 0, 1, 0, 0, 0, 1}}},
					 Movement{"to_the_right", {{1, 0, -0.4, 0, 1, 0.03, 0, 0, 1}}},
					 Movement{"up", {{1, 0, 0.02, 0, 1, 0.25, 0, 0, 1}}},
					 Movement{"both_ways", {{1, 0, 0.3, 0, 1, -0.16, 0, 0, 1}}}),
			 [](const auto &info) { return info.param.name; });

TEST(Follower, ComesBackWhenTheCameraDoes)
{
	Bitmap plate = draw(), moved = draw({{1, 0, 0.04, 0, 1, 0, 0, 0, 1}}), back = draw();
	PlateFollower follower;
	follower.set_plate(plate.picture());
	EXPECT_TRUE(follower.look(moved.picture()));
	EXPECT_NEAR(follower.movement(), 0.02 * width, 0.5);
	EXPECT_TRUE(follower.look(back.picture()));
	EXPECT_LT(follower.movement(), 0.5);
	EXPECT_LT(difference(back, follower.plate()), 1);
}

TEST(Follower, FindsNothingInAnotherRoomNorOnABareWall)
{
	Bitmap plate = draw(), other(width, height), bare(width, height);
	std::mt19937 random(3);
	for (size_t i = 0; i < other.pixels.size(); i++) {
		other.pixels[i] = static_cast<uint8_t>((i / 4 / 16 % 2 + i / 4 / width / 16 % 2) * 100 + random() % 20);
		bare.pixels[i] = static_cast<uint8_t>(180 + random() % 4);
	}
	PlateFollower follower;
	follower.set_plate(plate.picture());
	EXPECT_FALSE(follower.look(other.picture()));
	EXPECT_LT(follower.fit().value(), 0.3);
	follower.set_plate(bare.picture());
	EXPECT_FALSE(follower.look(other.picture()));
	EXPECT_FALSE(follower.fit().has_value());
}

TEST(Follower, ShowsNoRoomWhereThePlateDoesNotReach)
{
	Bitmap plate = draw(), frame = draw({{1, 0, 0.05, 0, 1, 0.02, 0, 0, 1}}); // 16 pixels to the right, 6.4 down
	PlateFollower follower;
	follower.set_plate(plate.picture());
	ASSERT_TRUE(follower.look(frame.picture()));
	Bitmap result = draw(); // all of it opaque, but for the inner part left of the middle
	for (int y = 0; y < height; y++)
		for (int x = 24; x < width / 2; x++)
			std::fill_n(&result.pixels[size_t{4} * (size_t{1} * y * width + x)], 4, 0);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < 24; x++)
			result.pixels[size_t{4} * (size_t{1} * y * width + x) + 3] = x < 15 ? 255 : 0;
	follower.clear_unknown(result.picture());
	const auto alpha = [&](int x, int y) {
		return result.pixels[size_t{4} * (size_t{1} * y * width + x) + 3];
	};
	EXPECT_EQ(alpha(3, height / 2), 0); // no plate there, and nobody beside it
	EXPECT_EQ(result.pixels[size_t{4} * (size_t{1} * height / 2 * width + 3)], 0);
	EXPECT_EQ(alpha(width / 4, 2), 0);
	EXPECT_EQ(alpha(width * 3 / 4, 2), 255); // somebody reaches out of the picture
	EXPECT_EQ(alpha(width - 1, height - 1), 255);
}

TEST(Follower, ShowsWhoReachesOutOfThePlateForASmallWay)
{
	Bitmap plate = draw(), frame = draw({{1, 0, 0.2, 0, 1, 0, 0, 0, 1}}); // a tenth of the width
	PlateFollower follower;
	follower.set_plate(plate.picture());
	ASSERT_TRUE(follower.look(frame.picture()));
	Bitmap result = draw(); // all of it is somebody
	follower.clear_unknown(result.picture());
	const auto alpha = [&](int x) {
		return result.pixels[size_t{4} * (size_t{1} * height / 2 * width + x) + 3];
	};
	EXPECT_EQ(alpha(width / 20), 0);
	EXPECT_EQ(alpha(width / 10 - width / 50), 255);
	EXPECT_EQ(alpha(width - 1), 255);
}

TEST(Follower, AllocatesNothingForAFrame)
{
	Bitmap plate = draw(), well = draw({}, {1, 1, 1}, 4), lost = well, result(width, height);
	put_somebody(well, width / 3, width * 2 / 3, height / 3);
	put_somebody(lost, 0, width, height / 20); // before the lens: it is looked for again and again
	PlateFollower follower;
	follower.set_plate(plate.picture());
	const auto follow = [&](Bitmap &frame) {
		for (int i = 0; i < 64; i++) {
			EXPECT_FALSE(follower.look(frame.picture()));
			follower.clear_unknown(result.picture());
			follower.figures_of(result.picture());
		}
	};
	follow(well);
	follow(lost);
	const int64_t before = allocations;
	follow(well);
	EXPECT_GT(follower.fit().value(), 0.3);
	follow(lost);
	EXPECT_LT(follower.fit().value(), 0.3);
	EXPECT_EQ(allocations, before);
}

} // namespace
} // namespace matting
