// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of `matte` share: a plate, and pictures in front of it whose matte is known.
#pragma once

#include "media_files.hpp"
#include "models.hpp"
#include "program.hpp"

namespace matting {

class MatteTest : public FolderTest {
protected:
	static constexpr int width = 96, height = 48;
	static constexpr int third = width / 3;
	static constexpr std::array centres{third / 2, width / 2, width - third / 2};
	static constexpr Pixel room{60, 40, 90, 255};

	/// The bare room.
	static TestPicture plate()
	{
		return {width, height, [](int, int) {
				return room;
			}};
	}

	/// The room; a veil that difference_model makes half transparent, exactly 128; and an opaque thing.
	static TestPicture person()
	{
		return {width, height, [](int x, int) {
				return x < third       ? room
				       : x < 2 * third ? Pixel{200, 56, 10, 255}
						       : Pixel{30, 220, 120, 255};
			}};
	}

	/// Writes plate.png once, and mattes with difference_model, whose alpha stays as it is.
	ProgramRun matte(const std::string &source, const std::string &output,
			 const std::vector<std::string> &more = {}, const Circumstances &circumstances = {}) const
	{
		if (!exists("plate.png"))
			write_media(path("plate.png"), {plate()});
		std::vector<std::string> arguments{"matte",           "--source",   path(source),
						   "--output",        path(output), "--background",
						   path("plate.png"), "--model",    difference_model(),
						   "--edge-detail",   "0"};
		for (const std::string &argument : more) // said twice, the last would be refused
			arguments.push_back(argument);
		return run_program(arguments, circumstances);
	}

	/// The matte of `person`, at the middle of each third.
	static void expect_person(const TestPicture &matte, int tolerance = 0)
	{
		ASSERT_EQ(matte.width, width);
		ASSERT_EQ(matte.height, height);
		// A level of green more or less is eight of alpha.
		const auto has_alpha = [&](int alpha) {
			return testing::AllOf(testing::Ge(alpha - 8 * tolerance), testing::Le(alpha + 8 * tolerance));
		};
		const auto colours = person();
		for (const int x : centres) {
			Pixel expected = colours.at(x, height / 2), actual = matte.at(x, height / 2);
			EXPECT_THAT(actual[3], has_alpha(x == centres[0] ? 0 : x == centres[1] ? 128 : 255)) << x;
			expected[3] = actual[3];
			if (actual[3] > 0) {
				EXPECT_THAT(actual, is_pixel(expected, tolerance)) << x;
			}
		}
	}
};

/// Begins with plate.png, and the person before it as source.png.
class MatteTestWithPictures : public MatteTest {
protected:
	MatteTestWithPictures()
	{
		write_media(path("plate.png"), {plate()});
		write_media(path("source.png"), {person()});
	}
};

} // namespace matting
