// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` and files: what is overwritten, several at once, pipes, and what is written.
#include "matte_test.hpp"

#include <cstdlib>
#include <tuple>

#include <fmt/format.h>
#include <sys/stat.h>

namespace matting {
namespace {

using testing::AllOf;
using testing::Field;
using testing::HasSubstr;

class MatteFiles : public MatteTestWithPictures {
protected:
	std::string pixels(const char *name) const { return probe(path(name), "stream=pix_fmt"); }
};

TEST_F(MatteFiles, AreNotOverwrittenWhereThatIsAskedFor)
{
	write_file(path("matte.png"), "mine");
	write_file(path("out_0003.png"), "mine");
	EXPECT_THAT(matte("source.png", "matte.png", {"-n"}), fails_saying("matte.png is there already"));
	EXPECT_THAT(matte("source.png", "out_%04d.png", {"-n"}), fails_saying("out_0003.png is there already"));
	EXPECT_EQ(read_file(path("matte.png")), "mine");
	EXPECT_THAT(matte("source.png", "matte.png", {"-y"}), succeeds_quietly());
	expect_person(read_media(path("matte.png")).at(0));
}

TEST_F(MatteFiles, OfALongerRunAreCounted)
{
	write_media(path("long_%d.png"), {5, person()});
	write_media(path("short_%d.png"), {2, person()});
	ASSERT_THAT(matte("long_%d.png", "out_%d.png"), succeeds_quietly());
	EXPECT_THAT(matte("short_%d.png", "out_%d.png"),
		    AllOf(Field("status", &ProgramRun::status, 0),
			  Field("errors", &ProgramRun::errors,
				"background-matting: 3 older pictures are still there, from " + path("out_3.png") +
					" on\n")));
	EXPECT_THAT(matte("short_%d.png", "out_%d.png", {"--frames", "1"}),
		    succeeds_quietly()); // others may write the rest
}

TEST_F(MatteFiles, KeepTheirLinksAndModes)
{
	std::filesystem::create_directory(path("real"));
	write_file(path("real/matte.png"), "old");
	chmod(path("real/matte.png").c_str(), 0600);
	std::filesystem::create_symlink("real/matte.png", path("link.png"));
	ASSERT_THAT(matte("source.png", "link.png"), succeeds_quietly());
	EXPECT_TRUE(std::filesystem::is_symlink(path("link.png")));
	expect_person(read_media(path("real/matte.png")).at(0));
	struct stat status;
	ASSERT_EQ(stat(path("real/matte.png").c_str(), &status), 0);
	EXPECT_EQ(status.st_mode & 0777, 0600u);
	std::filesystem::create_symlink("real/later.png", path("ahead.png")); // which is not there yet
	ASSERT_THAT(matte("source.png", "ahead.png"), succeeds_quietly());
	EXPECT_TRUE(std::filesystem::is_symlink(path("ahead.png")));
	EXPECT_TRUE(exists("real/later.png"));
	ASSERT_THAT(matte("source.png", "real/new.png"), succeeds_quietly());
	chmod(path("real/new.png").c_str(), 0400);
	EXPECT_THAT(matte("source.png", "real/new.png"), fails_saying("new.png: it is write-protected"));
}

TEST_F(MatteFiles, ComeOutOfPipes)
{
	write_media(path("source.mkv"), {person(), plate()}, "-c:v ffv1");
	for (const auto &[source, frames] : {std::pair{"source.png", 1}, std::pair{"source.mkv", 2}}) {
		const std::string command = fmt::format(
			"cat '{}' | '{}' matte -i - -b '{}' -o '{}' --edge-detail 0 --model '{}'", path(source),
			MATTING_PROGRAM, path("plate.png"), path("piped_%d.png"), difference_model().string());
		EXPECT_EQ(std::system(command.c_str()), 0) << command;
		expect_person(read_media(path("piped_1.png")).at(0));
		EXPECT_EQ(exists("piped_2.png"), frames == 2) << source;
	}
}

TEST_F(MatteFiles, GoIntoPipes)
{
	write_media(path("source.mkv"), {person(), plate()}, "-c:v ffv1");
	const auto run = [&](const char *source, const std::vector<std::string> &more) {
		std::vector<std::string> all{"matte", "-i", path(source), "-b", path("plate.png"), "-o", "-"};
		all.insert(all.end(), {"--model", difference_model(), "--edge-detail", "0"});
		all.insert(all.end(), more.begin(), more.end());
		return run_program(all);
	};
	const auto expect_written = [&](const ProgramRun &run, const char *name, const char *codec, size_t frames) {
		EXPECT_EQ(run.errors, "");
		EXPECT_EQ(run.status, 0);
		write_file(path(name), run.output);
		EXPECT_EQ(probe(path(name), "stream=codec_name"), fmt::format("{}\n", codec));
		EXPECT_EQ(read_media(path(name)).size(), frames);
	};
	expect_written(run("source.png", {}), "piped.png", "png", 1);
	expect_person(read_media(path("piped.png")).at(0));
	expect_written(run("source.mkv", {}), "piped.mkv", "ffv1", 2);
	expect_person(read_media(path("piped.mkv")).at(0)); // nothing is lost
	expect_written(run("source.mkv", {"--codec", "h264", "--over", "green"}), "piped.mkv", "h264", 2);
	for (const auto &[source, codec, frames] :
	     {std::tuple{"source.png", "png", 1}, std::tuple{"source.mkv", "ffv1", 2}}) {
		const std::string command =
			fmt::format("cat '{}' | '{}' matte -i - -b '{}' -o - --model '{}' >'{}'", path(source),
				    MATTING_PROGRAM, path("plate.png"), difference_model().string(), path("both"));
		EXPECT_EQ(std::system(command.c_str()), 0);
		EXPECT_EQ(probe(path("both"), "stream=codec_name"), fmt::format("{}\n", codec));
		EXPECT_EQ(read_media(path("both")).size(), static_cast<size_t>(frames));
	}
	EXPECT_THAT(run("source.mkv", {"--codec", "prores"}), fails_saying(": - cannot hold prores"));
	EXPECT_THAT(run("source.mkv", {"--codec", "png"}),
		    fails_saying("the standard output holds one picture with --codec png, but the source has more"));
	EXPECT_EQ(files(), (std::vector<std::string>{"both", "piped.mkv", "piped.png", "plate.png", "source.mkv",
						     "source.png"}));
	const std::string full =
		fmt::format("'{}' matte -i '{}' -b '{}' -o - --model '{}' >/dev/full 2>'{}'", MATTING_PROGRAM,
			    path("source.mkv"), path("plate.png"), difference_model().string(), path("errors"));
	EXPECT_NE(std::system(full.c_str()), 0);
	EXPECT_THAT(read_file(path("errors")), HasSubstr("cannot write to the standard output: No space left"));
}

TEST_F(MatteFiles, HoldWhatTheyShowAndNoMore)
{
	ASSERT_THAT(matte("source.png", "alpha.png", {"--view", "alpha"}), succeeds_quietly());
	EXPECT_EQ(pixels("alpha.png"), "gray\n");
	EXPECT_EQ(read_media(path("alpha.png")).at(0).at(centres[1], 20), (Pixel{128, 128, 128, 255}));
	ASSERT_THAT(matte("source.png", "over.png", {"--over", "black"}), succeeds_quietly());
	EXPECT_EQ(pixels("over.png"), "rgb24\n");
	ASSERT_THAT(matte("source.png", "over.mov", {"--over", "black"}), succeeds_quietly());
	EXPECT_THAT(pixels("over.mov"), testing::StartsWith("yuv444p"));
}

TEST_F(MatteFiles, MayBeAFillAndItsMatte)
{
	write_media(path("source.mkv"), {person(), plate()}, "-c:v ffv1");
	ASSERT_THAT(matte("source.mkv", "fill_%d.png", {"--view", "foreground", "--alpha", path("matte_%d.png")}),
		    succeeds_quietly());
	const TestPicture fill = read_media(path("fill_1.png")).at(0), alpha = read_media(path("matte_1.png")).at(0);
	EXPECT_EQ(pixels("fill_1.png"), "rgb24\n");
	EXPECT_EQ(pixels("matte_1.png"), "gray\n");
	EXPECT_EQ(fill.at(centres[0], 20), (Pixel{0, 0, 0, 255})); // the room is in neither
	EXPECT_EQ(fill.at(centres[1], 20), (Pixel{200, 56, 10, 255}));
	EXPECT_EQ(alpha.at(centres[1], 20)[0], 128);
	EXPECT_TRUE(exists("matte_2.png"));
	ASSERT_THAT(matte("source.mkv", "result.mov", {"--alpha", path("alpha.mp4")}), succeeds_quietly());
	EXPECT_EQ(probe(path("alpha.mp4"), "stream=nb_frames"), "2\n");
}

TEST_F(MatteFiles, MayHaveAPercentSignOrAPictureHiddenInThem)
{
	std::filesystem::rename(path("source.png"), path("at 50%2d.png"));
	ASSERT_THAT(matte("at 50%2d.png", "matte.png"), succeeds_quietly());
	expect_person(read_media(path("matte.png")).at(0));
	write_media(path("one.jpg"), {person()}, "-pix_fmt yuvj444p -q:v 1");
	write_file(path("two.jpg"),
		   read_file(path("one.jpg")) + read_file(path("one.jpg"))); // as phones add a map of light
	ASSERT_THAT(matte("two.jpg", "matte.png"), succeeds_quietly());
	expect_person(read_media(path("matte.png")).at(0), 2);
}

TEST_F(MatteFiles, OfModelsBringTheirOwnDefaults)
{
	const auto refined = [&](const std::vector<std::string> &more) {
		std::vector<std::string> all{"matte",           "-i",      path("source.png"), "-b",
					     path("plate.png"), "-o",      path("view.png"),   "-y",
					     "--view",          "refined", "--model",          fully_refining_model()};
		all.insert(all.end(), more.begin(), more.end());
		EXPECT_THAT(run_program(all), succeeds_quietly());
		return read_media(path("view.png")).at(0).at(centres[2], 20)[0];
	};
	EXPECT_EQ(refined({}), 255);
	EXPECT_EQ(refined({"--refine-mode", "sampling"}), 0);
}

TEST_F(MatteFiles, AreSaidOnATerminalAndOnlyThere)
{
	const ProgramRun run = matte("source.png", "matte.png", {}, {.on_terminal = true});
	EXPECT_EQ(run.status, 0);
	EXPECT_THAT(run.errors, HasSubstr("difference.pth (mobilenetv2) on cpu, fp32"));
}

} // namespace
} // namespace matting
