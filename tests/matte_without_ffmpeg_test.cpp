// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` where the part that links FFmpeg is missing: single pictures work, and what does not says what is missing.
#include "matte_test.hpp"

namespace matting {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class MatteWithoutFfmpeg : public MatteTestWithPictures {
protected:
	ProgramRun matte_alone(const std::string &source, const std::string &output,
			       const std::vector<std::string> &more = {}) const
	{
		return matte(source, output, more, without_parts());
	}
};

TEST_F(MatteWithoutFfmpeg, PicturesAreTheSame)
{
	for (const char *name : {"source.jpg", "source.webp"})
		write_media(path(name), {person()});
	for (const char *name : {"source.png", "source.jpg", "source.webp"}) {
		ASSERT_THAT(matte_alone(name, "matte.png"), succeeds_quietly()) << name;
		expect_person(read_media(path("matte.png")).at(0), name == std::string("source.png") ? 0 : 8);
	}
	ASSERT_THAT(matte_alone("source.png", "over.png", {"--over", "#20A040"}), succeeds_quietly());
	EXPECT_EQ(read_media(path("over.png")).at(0).at(centres[0], 20), (Pixel{32, 160, 64, 255}));
	ASSERT_THAT(matte_alone("source.png", "over.png", {"--over", path("source.webp")}), succeeds_quietly());
	ASSERT_THAT(matte_alone("source.png", "fill.png", {"--view", "foreground", "--alpha", path("alpha.png")}),
		    succeeds_quietly());
	EXPECT_EQ(read_media(path("alpha.png")).at(0).at(centres[2], 20), (Pixel{255, 255, 255, 255}));
}

TEST_F(MatteWithoutFfmpeg, AFolderOfPicturesWorks)
{
	std::filesystem::create_directory(path("photos"));
	write_media(path("photos/me.jpg"), {person()});
	ASSERT_EQ(matte_alone("photos", "cut_out/").status, 0);
	expect_person(read_media(path("cut_out/me.png")).at(0), 8);
}

TEST_F(MatteWithoutFfmpeg, WhatDoesNotSaysWhatIsMissing)
{
	write_media(path("source.mkv"), {person(), person()});
	write_media(path("source.bmp"), {person()});
	const auto says_what_is_missing = fails_saying("libbackground-matting-ffmpeg.so");
	EXPECT_THAT(matte_alone("source.mkv", "matte.mov"), says_what_is_missing);
	EXPECT_THAT(matte_alone("source.bmp", "matte.png"), says_what_is_missing);
	EXPECT_THAT(matte_alone("source.png", "matte.webp"), says_what_is_missing);
	EXPECT_THAT(matte_alone("source.png", "matte.mov"), says_what_is_missing);
	EXPECT_THAT(matte_alone("source.png", "matte.png", {"--over", "green"}), says_what_is_missing);
	EXPECT_THAT(matte_alone("none.png", "matte.png"), fails_saying("cannot read " + path("none.png")));
	write_file(path("broken.png"), read_file(path("source.png")).substr(0, 60));
	EXPECT_THAT(matte_alone("broken.png", "matte.png"), fails_saying("the PNG is damaged"));
	EXPECT_FALSE(exists("matte.png") || exists("matte.webp") || exists("matte.mov"));
}

} // namespace
} // namespace matting
