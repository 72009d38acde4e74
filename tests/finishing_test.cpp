// SPDX-License-Identifier: GPL-2.0-or-later
// The edge of a matte, finished.
#include "inference/bitmap.hpp"
#include "inference/finishing.hpp"

#include <array>
#include <functional>

#include <gmock/gmock.h>

namespace matting {
namespace {

constexpr int width = 64, height = 40;

// A person of one colour between columns 20 and 43, with one column of half alpha at each side; no colour elsewhere.
Bitmap matte()
{
	Bitmap bitmap(width, height);
	for (int y = 0; y < height; y++)
		for (int x = 19; x <= 44; x++) {
			uint8_t *pixel = bitmap.pixels.data() + 4 * (y * width + x);
			const uint8_t alpha = x == 19 || x == 44 ? 128 : 255;
			const std::array<uint8_t, 4> person{200, 150, 100, alpha};
			std::copy_n(person.begin(), 4, pixel);
		}
	return bitmap;
}

Bitmap camera()
{
	Bitmap bitmap(width, height);
	for (size_t i = 0; i < bitmap.pixels.size(); i++)
		bitmap.pixels[i] = i % 4 == 3 ? 255 : static_cast<uint8_t>(i * 7);
	return bitmap;
}

Bitmap finished(const std::function<void(Options &)> &change, Bitmap result = matte(), Bitmap source = camera())
{
	Options options;
	options.edge_detail = 0;
	change(options);
	EXPECT_FALSE(is_neutral(options));
	Finisher finisher(make_cpu_finishing());
	finisher.begin(source.picture(), options);
	source = {}; // it may be written over
	finisher.finish(result.picture(), View::result, options);
	return result;
}

int alpha_at(const Bitmap &bitmap, int x, int y = 20)
{
	return bitmap.pixels[4 * (y * width + x) + 3];
}

void expect_no_colour_where_transparent(const Bitmap &bitmap)
{
	for (size_t i = 0; i < bitmap.pixels.size(); i += 4)
		if (bitmap.pixels[i + 3] == 0) {
			EXPECT_EQ(bitmap.pixels[i] + bitmap.pixels[i + 1] + bitmap.pixels[i + 2], 0) << i / 4;
		}
}

// Of the person wherever it is seen at all.
void expect_colour_of_the_person(const Bitmap &bitmap)
{
	for (size_t i = 0; i < bitmap.pixels.size(); i += 4)
		if (bitmap.pixels[i + 3] > 0) {
			EXPECT_EQ(bitmap.pixels[i], 200) << i / 4;
		}
}

TEST(Finishing, IsNeutralByDefault)
{
	EXPECT_TRUE(is_neutral(Options()));
}

TEST(Finishing, ShiftsTheEdgeOutwardsWithThePersonsColour)
{
	const Bitmap result = finished([](Options &options) { options.edge_shift = 3; });
	EXPECT_EQ(alpha_at(result, 17), 255);
	EXPECT_EQ(alpha_at(result, 16), 128);
	EXPECT_EQ(alpha_at(result, 15), 0);
	EXPECT_EQ(alpha_at(result, 47), 128);
	expect_colour_of_the_person(result);
	expect_no_colour_where_transparent(result);
}

// As after a mask, that is another filter's.
TEST(Finishing, ShowsNothingThatTheSourceHides)
{
	Bitmap source = camera(), result = matte();
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			const uint8_t own = x < 30 ? 0 : x < 32 ? 100 : 255;
			uint8_t &alpha = result.pixels[4 * (y * width + x) + 3];
			source.pixels[4 * (y * width + x) + 3] = own;
			alpha = std::min(alpha, own);
		}
	for (const EdgeColour colour : {EdgeColour::predicted, EdgeColour::camera}) {
		const Bitmap shown = finished(
			[colour](Options &options) {
				options.edge_colour = colour;
				options.edge_shift = 5;
				options.edge_softness = 3;
				options.white_point = 0.3;
			},
			result, source);
		EXPECT_EQ(alpha_at(shown, 29), 0);
		EXPECT_EQ(alpha_at(shown, 30), 100);
		EXPECT_EQ(alpha_at(shown, 34), 255);
		EXPECT_GT(alpha_at(shown, 47), 0);
		expect_no_colour_where_transparent(shown);
	}
}

TEST(Finishing, ShiftsTheEdgeInwards)
{
	const Bitmap result = finished([](Options &options) { options.edge_shift = -2; });
	EXPECT_EQ(alpha_at(result, 20), 0);
	EXPECT_EQ(alpha_at(result, 21), 128);
	EXPECT_EQ(alpha_at(result, 22), 255);
	EXPECT_EQ(alpha_at(result, 30, 0), 255) << "the edge of the picture is none of the person's";
	expect_no_colour_where_transparent(result);
}

TEST(Finishing, ShiftsByHalfAPixel)
{
	const Bitmap result = finished([](Options &options) { options.edge_shift = 0.5; });
	EXPECT_NEAR(alpha_at(result, 19), 192, 1);
	EXPECT_NEAR(alpha_at(result, 18), 64, 1);
}

TEST(Finishing, GrowsAPointIntoSomethingRound)
{
	Bitmap point(width, height);
	std::fill_n(point.pixels.data() + 4 * (20 * width + 30), 4, uint8_t{255});
	const Bitmap result = finished([](Options &options) { options.edge_shift = 8; }, point);
	EXPECT_EQ(alpha_at(result, 38, 20), 255);
	EXPECT_EQ(alpha_at(result, 30, 28), 255);
	EXPECT_EQ(alpha_at(result, 30 + 8, 20 + 8), 0);
	EXPECT_EQ(alpha_at(result, 30 + 5, 20 + 5), 255);
}

TEST(Finishing, SoftensTheEdgeAndKeepsItsPlaceAndColour)
{
	const Bitmap result = finished([](Options &options) { options.edge_softness = 4; });
	for (int x = 12; x < 26; x++)
		EXPECT_GE(alpha_at(result, x + 1), alpha_at(result, x)) << x;
	EXPECT_NEAR(alpha_at(result, 19), 128, 2);
	EXPECT_GT(alpha_at(result, 16), 10);
	EXPECT_LT(alpha_at(result, 22), 245);
	EXPECT_EQ(alpha_at(result, 10), 0);
	EXPECT_EQ(alpha_at(result, 30), 255);
	expect_colour_of_the_person(result);
	expect_no_colour_where_transparent(result);
}

TEST(Finishing, StretchesAlphaBetweenItsPoints)
{
	Bitmap veil = matte();
	for (int i = 0; i < width * height; i++)
		if (veil.pixels[4 * i + 3] == 0)
			veil.pixels[4 * i] = veil.pixels[4 * i + 3] = 20;
	const Bitmap result = finished(
		[](Options &options) {
			options.black_point = 0.1;
			options.white_point = 0.9;
		},
		veil);
	EXPECT_EQ(alpha_at(result, 5), 0);
	EXPECT_EQ(alpha_at(result, 19), 128);
	EXPECT_EQ(alpha_at(result, 30), 255);
	expect_no_colour_where_transparent(result);
}

TEST(Finishing, MakesAStepWherePointsMeetOrCross)
{
	for (const double white : {0.4, 0.1}) {
		const Bitmap result = finished([&](Options &options) {
			options.black_point = 0.4;
			options.white_point = white;
		});
		EXPECT_EQ(alpha_at(result, 19), 255) << white;
		EXPECT_EQ(alpha_at(result, 5), 0) << white;
	}
}

TEST(Finishing, SolvesTheEdgeFirstAndShapesItThen)
{
	Bitmap source = camera(), plate = camera();
	for (int i = 0; i < width * height; i++)
		if (matte().pixels[4 * i + 3] > 0)
			for (int c = 0; c < 3; c++)
				source.pixels[4 * i + c] = matte().pixels[4 * i + c];
	const auto detailed = [&](const std::function<void(Options &)> &change, View view = View::result) {
		Bitmap result = matte();
		Options options;
		options.edge_detail = 1;
		change(options);
		Finisher finisher(make_cpu_finishing());
		finisher.set_plate(plate.picture());
		finisher.begin(source.picture(), options);
		finisher.finish(result.picture(), view, options);
		return result;
	};
	const Bitmap solved = detailed([](Options &) {});
	EXPECT_NE(solved.pixels, matte().pixels);
	const auto grow = [](Options &options) {
		options.edge_shift = 2;
	};
	EXPECT_EQ(detailed(grow).pixels, finished(grow, solved).pixels);
	const Bitmap alpha = detailed([](Options &) {}, View::alpha);
	for (size_t i = 0; i < alpha.pixels.size(); i += 4)
		EXPECT_EQ(alpha.pixels[i], solved.pixels[i + 3]) << i / 4;
}

TEST(Finishing, WantsThePlateOnlyForDetail)
{
	Options options;
	options.edge_detail = 0;
	EXPECT_FALSE(wants_finishing(View::result, options));
	options.edge_detail = 0.5;
	EXPECT_TRUE(wants_finishing(View::result, options));
	EXPECT_TRUE(wants_finishing(View::alpha, options));
	EXPECT_FALSE(wants_finishing(View::error, options));
}

// Over the very same camera the matte gives the camera back.
TEST(Finishing, GivesTheCameraBackWithTheCamerasColour)
{
	const Bitmap result = finished([](Options &options) { options.edge_colour = EdgeColour::camera; }),
		     plain = camera();
	for (size_t i = 0; i < result.pixels.size(); i += 4)
		for (size_t c = 0; c < 3; c++) {
			const double alpha = result.pixels[i + 3] / 255.0;
			EXPECT_NEAR(alpha * result.pixels[i + c] + (1 - alpha) * plain.pixels[i + c],
				    plain.pixels[i + c], 1e-9);
		}
	expect_no_colour_where_transparent(result);
}

TEST(Finishing, TakesPicturesOfOnePixel)
{
	for (const auto &[columns, rows] : {std::pair{1, 1}, {1, 5}, {5, 1}, {2, 2}}) {
		Bitmap small(columns, rows);
		std::fill(small.pixels.begin(), small.pixels.end(), uint8_t{255});
		Options options;
		options.edge_shift = -10;
		options.edge_softness = 10;
		options.edge_colour = EdgeColour::camera;
		Bitmap plate(columns, rows);
		Finisher finisher(make_cpu_finishing());
		finisher.set_plate(plate.picture());
		finisher.begin(small.picture(), options);
		finisher.finish(small.picture(), View::result, options);
		EXPECT_EQ(small.pixels[3], 255);
	}
}

} // namespace
} // namespace matting
