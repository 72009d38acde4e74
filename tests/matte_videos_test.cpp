// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` on videos and sequences: containers, alpha, colours, timing.
#include "matte_test.hpp"

#include <fmt/format.h>

namespace matting {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class MatteVideos : public MatteTest {
protected:
	// Room, person, room, person, room.
	static std::vector<TestPicture> scene() { return {plate(), person(), plate(), person(), plate()}; }

	static void expect_scene(const std::vector<TestPicture> &frames, int tolerance)
	{
		ASSERT_EQ(frames.size(), 5u);
		for (const int empty : {0, 2, 4})
			EXPECT_LE(frames[empty].at(centres[2], height / 2)[3], 8 * tolerance) << empty;
		for (const int present : {1, 3})
			expect_person(frames[present], tolerance);
	}
};

TEST_F(MatteVideos, KeepAlphaInProresVp9AndQuickTimeAnimation)
{
	write_media(path("source.mkv"), scene(), "-c:v ffv1");
	ASSERT_THAT(matte("source.mkv", "prores.mov"), succeeds_quietly());
	EXPECT_THAT(probe(path("prores.mov"), "stream=codec_name,profile"), HasSubstr("prores\n4444\n"));
	expect_scene(read_media(path("prores.mov")), 3);
	ASSERT_THAT(matte("source.mkv", "vp9.webm"), succeeds_quietly());
	expect_scene(read_media(path("vp9.webm"), "-c:v libvpx-vp9"), 12);
	ASSERT_THAT(matte("source.mkv", "animation.mov", {"--codec", "qtrle"}), succeeds_quietly());
	EXPECT_EQ(probe(path("animation.mov"), "stream=codec_name"), "qtrle\n");
	expect_scene(read_media(path("animation.mov")), 0);
}

TEST_F(MatteVideos, WithAlphaAreReadWithIt)
{
	write_media(path("source.mkv"), {person()}, "-c:v ffv1");
	ASSERT_THAT(matte("source.mkv", "once.webm"), succeeds_quietly());
	ASSERT_THAT(matte("source.mkv", "once.mov"), succeeds_quietly());
	for (const char *once : {"once.webm", "once.mov"}) {
		ASSERT_THAT(matte(once, "twice.png"), succeeds_quietly());
		// Half of a half: the veil's alpha counts twice.
		EXPECT_NEAR(read_media(path("twice.png")).at(0).at(centres[1], 20)[3], 64, 20) << once;
	}
}

TEST_F(MatteVideos, GoIntoH264OverABackdrop)
{
	write_media(path("source.mkv"), scene(), "-c:v ffv1");
	EXPECT_THAT(matte("source.mkv", "matte.mp4"), fails_saying("matte.mp4 cannot hold alpha"));
	EXPECT_THAT(matte("source.mkv", "matte.mp4", {"--codec", "vp9"}), fails_saying("use .webm or .mkv"));
	ASSERT_THAT(matte("source.mkv", "matte.mp4", {"--over", "#C02040"}), succeeds_quietly());
	EXPECT_THAT(probe(path("matte.mp4"), "stream=codec_name,color_range,color_space"),
		    testing::AllOf(HasSubstr("h264"), HasSubstr("tv"), HasSubstr("bt709")));
	const auto frames = read_media(path("matte.mp4"));
	ASSERT_EQ(frames.size(), 5u);
	EXPECT_THAT(frames[0].at(centres[2], 20), is_pixel({0xc0, 0x20, 0x40, 255}, 8));
	EXPECT_THAT(frames[1].at(centres[2], 20), is_pixel({30, 220, 120, 255}, 8));
	EXPECT_THAT(frames[3].at(centres[0], 20), is_pixel({0xc0, 0x20, 0x40, 255}, 8));
}

TEST_F(MatteVideos, OfOddSizesNeedAFormatForThem)
{
	const TestPicture odd(67, 33, [](int, int) { return room; });
	write_media(path("plate.png"), {odd});
	write_media(path("source.mkv"), {odd, odd}, "-c:v ffv1");
	EXPECT_THAT(matte("source.mkv", "matte.mp4", {"--over", "#000000"}),
		    fails_saying("h264 needs an even width and height, and the picture is 67x33"));
	for (const char *output : {"matte.mov", "matte.webm"}) {
		ASSERT_THAT(matte("source.mkv", output), succeeds_quietly());
		EXPECT_EQ(probe(path(output), "stream=width,height"), "67\n33\n");
	}
}

TEST_F(MatteVideos, KeepTheTimesOfTheirFrames)
{
	write_media(path("source.mkv"), scene(),
		    "-c:v ffv1 -vf \"setpts='if(gte(N,3),N+10,N)*0.2/TB'\" -fps_mode passthrough");
	const std::string times = "0.000000\n0.200000\n0.400000\n2.600000\n2.800000\n";
	ASSERT_EQ(probe(path("source.mkv"), "packet=pts_time"), times);
	for (const char *output : {"matte.mov", "matte.webm"}) {
		ASSERT_THAT(matte("source.mkv", output), succeeds_quietly());
		EXPECT_EQ(probe(path(output), "packet=pts_time"), times) << output;
	}
	write_media(path("second.mkv"), {plate()}, "-c:v ffv1");
	ASSERT_THAT(matte("second.mkv", "second.mov"), succeeds_quietly());
	EXPECT_EQ(probe(path("second.mov"), "stream=nb_frames,duration"), "0.040000\n1\n");
}

// Range and matrix in the file, as the ffmpeg program sees them.
TEST_F(MatteVideos, HaveTheColoursThatTheFfmpegProgramGivesThem)
{
	const TestPicture source(width, height, [](int x, int y) {
		return Pixel{static_cast<uint8_t>(30 + x * 2), static_cast<uint8_t>(y * 5),
			     x < third ? uint8_t{220} : uint8_t{40}, 255};
	});
	struct Stored {
		const char *pixels, *range, *matrix, *name;
	};
	for (const Stored &stored : {Stored{"yuv420p", "tv", "bt601", "smpte170m"},
				     {"yuv420p", "pc", "bt601", "smpte170m"},
				     {"yuv420p", "tv", "bt709", "bt709"},
				     {"yuv444p10le", "pc", "bt709", "bt709"}}) {
		SCOPED_TRACE(fmt::format("{} {} {}", stored.pixels, stored.range, stored.matrix));
		write_media(
			path("source.mkv"), {source},
			fmt::format(
				"-vf scale=out_color_matrix={}:out_range={}:flags=accurate_rnd+full_chroma_int,format={} "
				"-colorspace {} -color_range {} -c:v ffv1",
				stored.matrix, stored.range, stored.pixels, stored.name, stored.range));
		ASSERT_THAT(matte("source.mkv", "view.png", {"--view", "foreground"}), succeeds_quietly());
		const TestPicture ours = read_media(path("view.png")).at(0);
		EXPECT_LE(greatest_difference(ours, read_media(path("source.mkv")).at(0)), 2);
		// The wrong range or matrix is off by ten and more.
		EXPECT_THAT(ours.at(20, 20), is_pixel(source.at(20, 20), 4));
		EXPECT_THAT(ours.at(80, 40), is_pixel(source.at(80, 40), 4));
	}
}

TEST_F(MatteVideos, AreTurnedUpright)
{
	const TestPicture source(96, 48, [](int x, int) {
		return x < 48 ? Pixel{220, 30, 30, 255} : Pixel{30, 30, 220, 255};
	});
	write_media(path("source.mp4"), {source},
		    "-c:v libx264 -pix_fmt yuv420p -qp 1 -bsf:v h264_metadata=display_orientation=insert:rotate=90");
	write_media(path("tall.png"), {TestPicture(48, 96, [](int, int) { return room; })});
	ASSERT_THAT(run_program({"matte", "--source", path("source.mp4"), "--background", path("tall.png"), "--output",
				 path("view.png"), "--view", "foreground", "--model", constant_model(1)}),
		    succeeds_quietly());
	const TestPicture ours = read_media(path("view.png")).at(0), theirs = read_media(path("source.mp4")).at(0);
	ASSERT_EQ(ours.width, 48);
	EXPECT_LE(greatest_difference(ours, theirs), 2);
}

TEST_F(MatteVideos, AndSequencesBecomeEachOther)
{
	write_media(path("source.mkv"), scene(), "-c:v ffv1");
	ASSERT_THAT(matte("source.mkv", "matte_%03d.png"), succeeds_quietly());
	EXPECT_THAT(files(), ElementsAre("matte_001.png", "matte_002.png", "matte_003.png", "matte_004.png",
					 "matte_005.png", "plate.png", "source.mkv"));
	expect_person(read_media(path("matte_002.png")).at(0));
	EXPECT_EQ(read_media(path("matte_003.png")).at(0).at(centres[2], 20)[3], 0);

	write_media(path("frame_%04d.png"), scene(), "-start_number 217"); // starts anywhere
	ASSERT_TRUE(exists("frame_0221.png"));
	ASSERT_THAT(matte("frame_%04d.png", "sequence.mov"), succeeds_quietly());
	expect_scene(read_media(path("sequence.mov")), 3);
	ASSERT_THAT(matte("frame_%04d.png", "again_%d.webp"), succeeds_quietly());
	EXPECT_TRUE(exists("again_217.webp")); // its numbers are kept
	EXPECT_TRUE(exists("again_221.webp"));
	EXPECT_FALSE(exists("again_222.webp"));
}

TEST_F(MatteVideos, DoNotFitIntoOnePicture)
{
	write_media(path("source.mkv"), scene(), "-c:v ffv1");
	EXPECT_THAT(matte("source.mkv", "matte.png"),
		    fails_saying("matte.png holds one picture, but the source has more"));
	EXPECT_FALSE(exists("matte.png"));
}

TEST_F(MatteVideos, ShowTheirProgressOnATerminalAndOnlyThere)
{
	write_media(path("source.mkv"), scene(), "-c:v ffv1");
	const ProgramRun run = matte("source.mkv", "matte.mov", {}, {.on_terminal = true});
	EXPECT_EQ(run.status, 0);
	EXPECT_THAT(run.errors, testing::AllOf(HasSubstr("5/5"), HasSubstr("frames/s"), HasSubstr("0:00 left")));
	EXPECT_EQ(run.output, "");
	EXPECT_THAT(matte("source.mkv", "matte.mov"), succeeds_quietly());
}

} // namespace
} // namespace matting
