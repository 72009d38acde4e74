// SPDX-License-Identifier: GPL-2.0-or-later
// Mattes that tell when the plate is not the room's.
#include "inference/plate_follower.hpp"
#include "models.hpp"
#include "wall.hpp"

#include <gmock/gmock.h>

namespace matting {
namespace {

// The matte of a result in which only these pixels are opaque, or all but these.
Bitmap matte_of(int left, int right, int top, bool is_opaque)
{
	Bitmap result(width, height);
	for (size_t i = 3; i < result.pixels.size(); i += 4)
		result.pixels[i] = is_opaque ? 0 : 255;
	for (int y = top; y < height; y++)
		for (int x = left; x < right; x++)
			result.pixels[size_t{4} * (size_t{1} * y * width + x) + 3] = is_opaque ? 255 : 0;
	return result;
}

double fit_of(Bitmap plate, Bitmap frame, Bitmap result)
{
	PlateFollower follower;
	follower.set_plate(plate.picture());
	follower.look(frame.picture());
	return follower.figures_of(result.picture()).fit;
}

TEST(Figures, KnowsItsPlateByWhatIsSeenOfTheRoomWhoeverStandsBeforeIt)
{
	for (const int left : {width / 3, width / 10}) { // from a third to three quarters of the picture
		Bitmap frame = draw({}, {1, 1, 1}, 4);
		put_somebody(frame, left, width - left, height / 20);
		EXPECT_GT(fit_of(draw(), frame, matte_of(left, width - left, height / 20, true)), 0.9) << left;
	}
	// Another place, of which a part is alike by chance, with what a network makes of it.
	const Bitmap other = draw({{1, 0, 1.1, 0, 1, 0, 0, 0, 1}});
	EXPECT_LT(fit_of(draw(), other, matte_of(width / 8, width / 2, 0, false)), 0.5);
}

TEST(Figures, KnowsABareWallInAnyLight)
{
	const auto wall = [](double light) {
		Bitmap bitmap(width, height);
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++)
				std::fill_n(&bitmap.pixels[size_t{4} * (size_t{1} * y * width + x)], 4,
					    static_cast<uint8_t>(light *
								 (200 - 60 * std::hypot(x - 200, y - 100) / width)));
		return bitmap;
	};
	const Bitmap matte = matte_of(width / 3, width * 2 / 3, height / 3, true);
	for (const double light : {1.0, 0.75, 1.2}) {
		Bitmap frame = wall(light);
		put_somebody(frame, width / 3, width * 2 / 3, height / 3);
		EXPECT_GT(fit_of(wall(1), frame, matte), 0.9) << light;
	}
	for (const int level : {0, 128, 255}) { // a cap on the lens, or a picture of nothing
		Bitmap nothing(width, height);
		std::fill(nothing.pixels.begin(), nothing.pixels.end(), static_cast<uint8_t>(level));
		EXPECT_LT(fit_of(nothing, draw(), matte), 0.6) << level;
	}
}

// Somebody who sat still during the capture moves nothing that the capture could notice.
TEST(Figures, TellWhoHasGoneFromWhoIsThere)
{
	const int left = width / 3, right = width / 2, top = height / 4;
	Bitmap empty = draw(), frame = draw({}, {1, 1, 1}, 4);
	put_somebody(frame, left, right, top);
	const auto gone = [&](Bitmap plate, Bitmap now) {
		PlateFollower follower;
		follower.set_plate(plate.picture());
		follower.look(now.picture());
		return follower.figures_of(matte_of(left, right, top, true).picture());
	};
	EXPECT_LT(gone(empty, frame).gone, 0.35);
	EXPECT_FALSE(shows_who_has_gone(gone(empty, frame)));
	EXPECT_GT(gone(frame, empty).gone, 0.65);
	EXPECT_TRUE(shows_who_has_gone(gone(frame, empty)));
	EXPECT_EQ(gone(empty, empty).gone, 0) << "nobody is anywhere";
}

TEST(Verdict, IsThatMattesOfNearlyEverythingAreTheRoom)
{
	EXPECT_EQ(judge({}), Verdict::good);
	EXPECT_EQ(judge({.opaque = 0.15, .fit = 0.8}), Verdict::good);
	EXPECT_EQ(judge({.opaque = 0.75, .left = 1, .top = 0.9, .fit = 0.9}), Verdict::good); // very near
	EXPECT_EQ(judge({.opaque = 0.84}), Verdict::room);
	EXPECT_EQ(judge({.opaque = 0.52, .left = 0.5, .right = 0.6, .top = 0.4}), Verdict::room);
	EXPECT_EQ(judge({.opaque = 0.72, .left = 0.8, .right = 0.6, .fit = 0.65}), Verdict::room);
	EXPECT_EQ(judge({.opaque = 0.2, .fit = 0.6}), Verdict::poor); // a lamp was switched on
	EXPECT_EQ(judge({.opaque = 0.2, .fit = 0.4}), Verdict::room);
	EXPECT_EQ(judge({.opaque = 0.01, .fit = 0.4}), Verdict::poor);   // nobody is there
	EXPECT_EQ(judge({.opaque = 0.2, .unseen = 0.1}), Verdict::poor); // the camera was turned
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
