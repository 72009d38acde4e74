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
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

class MatteFiles : public MatteTest {
protected:
	MatteFiles()
	{
		write_media(path("plate.png"), {plate()});
		write_media(path("source.png"), {person()});
	}
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
	ASSERT_THAT(matte("source.png", "real/new.png"), succeeds_quietly());
	chmod(path("real/new.png").c_str(), 0400);
	EXPECT_THAT(matte("source.png", "real/new.png"), fails_saying("new.png: it is write-protected"));
}

TEST_F(MatteFiles, GoIntoAFolderUnderTheirNames)
{
	std::filesystem::create_directory(path("in"));
	write_media(path("in/a.png"), {person()});
	write_media(path("in/b.jpg"), {person()}, "-pix_fmt yuvj444p -q:v 1");
	write_media(path("in/c.mkv"), {person(), plate()}, "-c:v ffv1");
	write_media(path("in/room.png"), {plate()});
	write_file(path("in/notes.txt"), "notes");
	const auto run = [&](const std::string &output, const std::vector<std::string> &more) {
		std::vector<std::string> all{"matte", "-i", path("in"), "-b", path("in/room.png"), "-o", path(output)};
		all.insert(all.end(), {"--model", difference_model(), "--edge-detail", "0"});
		all.insert(all.end(), more.begin(), more.end());
		return run_program(all);
	};
	const auto names = [&](const char *folder) {
		std::vector<std::string> names;
		for (const auto &entry : std::filesystem::directory_iterator(path(folder)))
			names.push_back(entry.path().filename());
		std::sort(names.begin(), names.end());
		return names;
	};
	ASSERT_THAT(run("out/", {}), succeeds_quietly());
	EXPECT_THAT(names("out"), ElementsAre("a.png", "b.png", "c.mov"));
	expect_person(read_media(path("out/a.png")).at(0));
	ASSERT_THAT(run("green/", {"--over", "green"}), succeeds_quietly());
	EXPECT_THAT(names("green"), ElementsAre("a.png", "b.png", "c.mp4"));
	EXPECT_EQ(run("out.png", {}).status, 2);

	write_file(path("in/a.png"), "no picture"); // the others are matted
	std::filesystem::remove_all(path("out"));
	const ProgramRun failed = run("out/", {});
	EXPECT_EQ(failed.status, 1);
	EXPECT_THAT(failed.errors,
		    AllOf(HasSubstr("cannot read " + path("in/a.png")), HasSubstr("1 of 3 sources failed")));
	EXPECT_THAT(names("out"), ElementsAre("b.png", "c.mov"));
	write_media(path("in/b.png"), {person()}); // beside b.jpg, of which there would be one
	write_media(path("in/c.jpg"), {person()}); // beside c.mkv, as phones keep them
	write_media(path("in/d.gif"), {person()}); // one picture
	write_media(path("in/e.gif"), {person(), plate()});
	std::filesystem::remove_all(path("out"));
	const ProgramRun alike = run("out/", {});
	EXPECT_THAT(alike.errors,
		    AllOf(HasSubstr("out/b.png for " + path("in/b.png") + ": it is that of " + path("in/b.jpg")),
			  HasSubstr("2 of 7 sources failed")));
	EXPECT_THAT(names("out"), ElementsAre("b.png", "c.mov", "c.png", "d.png", "e.mov"));
	EXPECT_EQ(run_program({"matte", "-i", path("none.png"), "-b", path("in/room.png"), "-o", path("new/")}).status,
		  1);
	EXPECT_FALSE(std::filesystem::exists(path("new"))) << "an empty folder";
}

TEST_F(MatteFiles, OfAFolderAreNoSequences)
{
	std::filesystem::create_directory(path("in"));
	write_media(path("in/source.png"), {person()});
	std::filesystem::rename(path("in/source.png"), path("in/a%d.png"));
	EXPECT_THAT(matte("in/a%d.png", "in/"), fails_saying("is one of the inputs"));
	std::filesystem::create_directory(path("out"));
	EXPECT_THAT(matte("in/a%d.png", "out/"), fails_saying("that is the name of a sequence; rename the source"));
	EXPECT_TRUE(std::filesystem::is_empty(path("out")));
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

TEST_F(MatteFiles, LieOverVideosAndOverWhatIsTransparentItself)
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

TEST_F(MatteFiles, TakeColoursByNameAndByDigits)
{
	for (const auto &[text, expected] :
	     {std::pair{"green", Pixel{0, 128, 0, 255}}, std::pair{"Navy", Pixel{0, 0, 128, 255}},
	      std::pair{"20A040", Pixel{32, 160, 64, 255}}, std::pair{"#20A040", Pixel{32, 160, 64, 255}},
	      std::pair{"#2a4", Pixel{34, 170, 68, 255}}}) {
		ASSERT_THAT(matte("source.png", "over.png", {"--over", text}), succeeds_quietly()) << text;
		EXPECT_EQ(read_media(path("over.png")).at(0).at(centres[0], 20), expected) << text;
	}
	EXPECT_THAT(matte("source.png", "over.png", {"--over", "greeen"}),
		    fails_saying("greeen is neither a colour nor a file"));
	const ProgramRun wrong = matte("source.png", "over.png", {"--over", "#2g4"});
	EXPECT_EQ(wrong.status, 2);
	EXPECT_THAT(wrong.errors, testing::StartsWith("background-matting: --over: #2g4 is no colour"));
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
