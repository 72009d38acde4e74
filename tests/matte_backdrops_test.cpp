// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` and what a result is composited over.
#include "matte_test.hpp"

#include <cstdlib>

#include <fmt/format.h>

namespace matting {
namespace {

using testing::HasSubstr;

class MatteBackdrops : public MatteTestWithPictures {};

TEST_F(MatteBackdrops, MayBeVideosAndTransparentThemselves)
{
	write_media(path("source.mkv"), {5, plate()}, "-c:v ffv1");
	const auto colour = [](const Pixel &pixel) {
		return TestPicture(width, height, [&](int, int) { return pixel; });
	};
	const Pixel red{200, 0, 0, 255}, blue{0, 0, 200, 255}, veil{0, 200, 0, 128};
	write_media(path("beach.mkv"), {colour(red), colour(blue)}, "-c:v ffv1");
	ASSERT_THAT(matte("source.mkv", "out_%d.png", {"--over", path("beach.mkv")}), succeeds_quietly());
	for (int i = 1; i <= 5; i++) // it begins again
		EXPECT_EQ(read_media(path(fmt::format("out_{}.png", i))).at(0).at(40, 20), i % 2 ? red : blue) << i;

	write_media(path("veil.png"), {colour(veil)});
	ASSERT_THAT(matte("source.png", "veiled.png", {"--over", path("veil.png")}), succeeds_quietly());
	const TestPicture veiled = read_media(path("veiled.png")).at(0);
	EXPECT_EQ(veiled.at(centres[0], 20), veil);
	EXPECT_EQ(veiled.at(centres[1], 20)[3], 192); // half of what the other half lets through
	EXPECT_EQ(veiled.at(centres[2], 20), (Pixel{30, 220, 120, 255}));
	EXPECT_THAT(matte("source.png", "veiled.jpg", {"--over", path("veil.png")}), fails_saying("cannot hold alpha"));
}

TEST_F(MatteBackdrops, AreColoursByNameAndByDigits)
{
	for (const auto &[text, expected] :
	     {std::pair{"green", Pixel{0, 128, 0, 255}}, std::pair{"Navy", Pixel{0, 0, 128, 255}},
	      std::pair{"20A040", Pixel{32, 160, 64, 255}}, std::pair{"#20A040", Pixel{32, 160, 64, 255}},
	      std::pair{"#2a4", Pixel{34, 170, 68, 255}}, std::pair{"0x20A040", Pixel{32, 160, 64, 255}}}) {
		ASSERT_THAT(matte("source.png", "over.png", {"--over", text}), succeeds_quietly()) << text;
		EXPECT_EQ(read_media(path("over.png")).at(0).at(centres[0], 20), expected) << text;
	}
	EXPECT_THAT(matte("source.png", "over.png", {"--over", "greeen"}),
		    fails_saying("greeen is neither a colour nor a file"));
	const ProgramRun wrong = matte("source.png", "over.png", {"--over", "#2g4"});
	EXPECT_EQ(wrong.status, 2);
	EXPECT_THAT(wrong.errors, testing::StartsWith("background-matting: --over: #2g4 is no colour"));
}

TEST_F(MatteBackdrops, MayBeOfAColourHoweverLargeThePictureIs)
{
	const TestPicture large(8000, 60, [](int, int) { return room; });
	write_media(path("plate.png"), {large});
	write_media(path("large.png"), {large});
	ASSERT_THAT(matte("large.png", "over.png", {"--over", "20A040"}), succeeds_quietly());
	EXPECT_EQ(read_media(path("over.png")).at(0).at(7999, 30), (Pixel{32, 160, 64, 255}));
	const TestPicture tiny(2, 1, [](int, int) { return Pixel{200, 0, 0, 255}; });
	write_media(path("tiny.png"), {tiny});
	ASSERT_THAT(matte("large.png", "over.png", {"--over", path("tiny.png")}), succeeds_quietly());
	EXPECT_EQ(read_media(path("over.png")).at(0).at(7999, 30), (Pixel{200, 0, 0, 255}));
}

TEST_F(MatteBackdrops, KeepTheShapeOfTheirPixels)
{
	// A square on a screen, in pixels that are twice as wide as high: all of it is seen over a square.
	const TestPicture halves(24, 48, [](int x, int y) {
		return y < 12 || y >= 36 ? Pixel{0, 200, 0, 255}
		       : x < 12          ? Pixel{200, 0, 0, 255}
					 : Pixel{0, 0, 200, 255};
	});
	write_media(path("halves.mkv"), {halves}, "-c:v ffv1 -vf setsar=2/1");
	const TestPicture square(48, 48, [](int, int) { return room; });
	write_media(path("plate.png"), {square});
	write_media(path("square.png"), {square});
	ASSERT_THAT(matte("square.png", "over.png", {"--over", path("halves.mkv")}), succeeds_quietly());
	const TestPicture over = read_media(path("over.png")).at(0);
	EXPECT_THAT(over.at(24, 3), is_pixel({0, 200, 0, 255}, 3));
	EXPECT_THAT(over.at(4, 24), is_pixel({200, 0, 0, 255}, 3));
	EXPECT_THAT(over.at(44, 24), is_pixel({0, 0, 200, 255}, 3));
}

TEST_F(MatteBackdrops, MayBecomeTransparentLater)
{
	const auto colour = [](const Pixel &pixel) {
		return TestPicture(width, height, [&](int, int) { return pixel; });
	};
	write_media(path("fading.mkv"), {colour({200, 0, 0, 255}), colour({200, 0, 0, 0})}, "-c:v ffv1");
	write_media(path("source.mkv"), {plate(), plate()}, "-c:v ffv1");
	ASSERT_THAT(matte("source.mkv", "out_%d.png", {"--over", path("fading.mkv")}), succeeds_quietly());
	EXPECT_EQ(read_media(path("out_1.png")).at(0).at(20, 20), (Pixel{200, 0, 0, 255}));
	EXPECT_EQ(read_media(path("out_2.png")).at(0).at(20, 20)[3], 0);
	EXPECT_THAT(matte("source.mkv", "matte.mp4", {"--over", path("fading.mkv")}),
		    fails_saying("cannot hold alpha"));
	write_media(path("moving.gif"), {colour({200, 0, 0, 255}), colour({0, 0, 200, 255})});
	EXPECT_THAT(matte("source.mkv", "moving.mp4", {"--over", path("moving.gif")}), succeeds_quietly());
}

TEST_F(MatteBackdrops, ComeThroughAPipeIfTheyArePictures)
{
	const auto run = [&](const char *backdrop) {
		return std::system(
			fmt::format("cat '{}' | '{}' matte -i '{}' -b '{}' -o '{}' --over - --model '{}' 2>'{}'",
				    path(backdrop), MATTING_PROGRAM, path("source.png"), path("plate.png"),
				    path("over.png"), difference_model().string(), path("errors"))
				.c_str());
	};
	const TestPicture red(width, height, [](int, int) { return Pixel{200, 0, 0, 255}; });
	write_media(path("red.png"), {red});
	EXPECT_EQ(run("red.png"), 0);
	EXPECT_EQ(read_media(path("over.png")).at(0).at(centres[0], 20), (Pixel{200, 0, 0, 255}));
	write_media(path("red.mkv"), {red, red}, "-c:v ffv1");
	EXPECT_NE(run("red.mkv"), 0);
	EXPECT_THAT(read_file(path("errors")), HasSubstr("a pipe is read once; name the video's file"));
}

} // namespace
} // namespace matting
