// SPDX-License-Identifier: GPL-2.0-or-later
// A plate that follows the camera and the light, and mattes that tell when it does not fit.
#include "inference/alignment.hpp"
#include "inference/pixels.hpp"
#include "inference/plate_follower.hpp"
#include "models.hpp"

#include <cmath>
#include <functional>
#include <random>

#include <gmock/gmock.h>

namespace matting {
namespace {

constexpr int width = 640, height = 360;

/// A wall of smooth blots of all sizes, as far as one looks. Coordinates in pixels; levels of one channel.
double wall(double x, double y, int channel)
{
	double value = 120;
	for (int i = 0; i < 14; i++) {
		const double angle = 2.4 * i + channel, pitch = 14 * std::pow(1.35, i);
		value += 14 * std::sin((std::cos(angle) * x + std::sin(angle) * y) * 2 * M_PI / pitch + i * i);
	}
	return std::clamp(value, 0.0, 255.0);
}

/// The wall through a camera that `movement` has moved (of the plate's points to the frame's), in another light.
Bitmap draw(const Homography &movement = {}, const std::array<double, 3> &light = {1, 1, 1}, double noise = 0)
{
	Bitmap bitmap(width, height);
	const Homography back = movement.inverse();
	std::mt19937 random(5);
	std::normal_distribution<double> grain(0, 1);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			const auto [from_x, from_y] = back(point_of(x, y, width, height));
			uint8_t *pixel = &bitmap.pixels[size_t{4} * (size_t{1} * y * width + x)];
			for (int c = 0; c < 3; c++)
				pixel[c] = static_cast<uint8_t>(
					std::clamp(light[c] * wall(from_x * width / 2, from_y * width / 2, c) +
							   noise * grain(random),
						   0.0, 255.0));
			pixel[3] = 255;
		}
	return bitmap;
}

/// Somebody in one colour, from `left` to `right`, below `top`.
void put_somebody(Bitmap &bitmap, int left, int right, int top)
{
	for (int y = top; y < height; y++)
		for (int x = left; x < right; x++)
			std::copy_n(std::array<uint8_t, 4>{220, 180, 150, 255}.data(), 4,
				    &bitmap.pixels[size_t{4} * (size_t{1} * y * width + x)]);
}

/// The mean difference of two pictures, away from the edges.
double difference(const Bitmap &a, const Picture &b)
{
	double sum = 0;
	int count = 0;
	for (int y = height / 8; y < height * 7 / 8; y++)
		for (int x = width / 8; x < width * 7 / 8; x++)
			for (int c = 0; c < 3; c++, count++)
				sum += std::abs(a.pixels[size_t{4} * (size_t{1} * y * width + x) + c] -
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

// Frames that stay in a graphics card's memory: only what is needed is read from there.
TEST(Follower, SeesRemotePicturesAsThoseThatAreHere)
{
	const auto large = [](Bitmap original) { // of smaller ones each row is looked at
		Bitmap bitmap(2 * width, 2 * height);
		bitmap.pixels = scale(original.picture(), bitmap.width, bitmap.height);
		return bitmap;
	};
	const auto remote = [](Bitmap &bitmap) {
		Picture picture = bitmap.picture();
		picture.device = Device::cuda;
		return picture;
	};
	int rows_read = 0, written = 0;
	PlateFollower here, elsewhere;
	elsewhere.set_remote({[&](const Picture &from, int first, int every, const Picture &to) {
				      EXPECT_EQ(from.device, Device::cuda);
				      for (int y = first; y < from.height; y += every, rows_read++)
					      std::copy_n(from.pixels + y * from.pitch, 4 * from.width,
							  to.pixels + y * to.pitch);
			      },
			      [&](const Picture &from, const Picture &to) {
				      std::copy_n(from.pixels, size_t{4} * from.width * from.height, to.pixels);
				      written++;
			      }});
	Bitmap plate = large(draw()), still = large(draw({}, {1, 1, 1}, 4)),
	       moved = large(draw({{1, 0, 0.05, 0, 1, 0.02, 0, 0, 1}}));
	here.set_plate(plate.picture());
	elsewhere.set_plate(plate.picture());
	for (Bitmap *frame : {&still, &still, &moved})
		EXPECT_EQ(elsewhere.look(remote(*frame)), here.look(frame->picture()));
	EXPECT_GT(elsewhere.movement(), 30);
	EXPECT_EQ(Bitmap(elsewhere.plate()).pixels, Bitmap(here.plate()).pixels);
	rows_read = 0;
	elsewhere.look(remote(moved));
	EXPECT_GT(rows_read, 0);
	EXPECT_LE(rows_read, moved.height / 2) << "one that fits is only glanced at";
	Bitmap result(moved.width, moved.height); // opaque where the plate does not reach, and only there
	for (int y = 0; y < result.height; y++)
		std::fill_n(&result.pixels[size_t{4} * result.width * y], 4 * 20, uint8_t{255});
	Bitmap copy = result;
	here.clear_unknown(result.picture());
	elsewhere.clear_unknown(remote(copy));
	EXPECT_EQ(copy.pixels[size_t{4} * result.width * result.height / 2], 0);
	EXPECT_EQ(copy.pixels, result.pixels);
	EXPECT_EQ(written, 1);
	rows_read = 0;
	EXPECT_EQ(elsewhere.figures_of(remote(moved)).opaque, here.figures_of(moved.picture()).opaque);
	EXPECT_EQ(rows_read, moved.height / 4);
}

TEST(Verdict, IsThatMattesOfNearlyEverythingAreTheRoom)
{
	EXPECT_EQ(judge({}), Verdict::good);
	EXPECT_EQ(judge({.opaque = 0.15, .fit = 0.7}), Verdict::good);
	EXPECT_EQ(judge({.opaque = 0.75, .left = 1, .top = 0.9, .fit = 0.35}), Verdict::good); // very near
	EXPECT_EQ(judge({.opaque = 0.84}), Verdict::room);
	EXPECT_EQ(judge({.opaque = 0.52, .left = 0.5, .right = 0.6, .top = 0.4}), Verdict::room);
	EXPECT_EQ(judge({.opaque = 0.2, .fit = 0.1}), Verdict::poor);
}

TEST(Results, HaveNoColourWhereTheyAreTransparent)
{
	for (const char *executor : {"fast", "scripted"}) {
		SCOPED_TRACE(executor);
		Engine engine({.model = difference_model(), .device = "cpu", .executor = executor});
		Bitmap plate = draw(), frame = draw();
		put_somebody(frame, width / 3, width / 2, height / 2);
		engine.set_background(plate.picture());
		engine.matte(frame.picture(), frame.picture());
		int transparent = 0, opaque = 0;
		for (size_t i = 0; i < frame.pixels.size(); i += 4) {
			const bool has_colour = frame.pixels[i] + frame.pixels[i + 1] + frame.pixels[i + 2] > 0;
			transparent += frame.pixels[i + 3] == 0;
			opaque += frame.pixels[i + 3] == 255 && has_colour;
			ASSERT_FALSE(frame.pixels[i + 3] == 0 && has_colour) << i;
		}
		EXPECT_GT(transparent, width * height / 2);
		EXPECT_GT(opaque, width * height / 20);
		EXPECT_GT(engine.figures().opaque, 0.05);
		EXPECT_LT(engine.figures().opaque, 0.15);
	}
}

TEST(Results, OfAnotherRoomsPlateAreKnownAsTheRoom)
{
	Engine engine({.model = difference_model(), .device = "cpu"});
	Bitmap plate(width, height), frame = draw();
	std::fill(plate.pixels.begin(), plate.pixels.end(), uint8_t{10});
	engine.set_background(plate.picture());
	engine.matte(frame.picture(), frame.picture());
	EXPECT_EQ(judge(engine.figures()), Verdict::room);
}

} // namespace
} // namespace matting
