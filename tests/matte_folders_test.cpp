// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` and folders: several sources in one run, and where their results go.
#include "matte_test.hpp"

#include <fmt/format.h>

namespace matting {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class MatteFolders : public MatteTestWithPictures {
protected:
	void expect_opaque(const char *name) const { EXPECT_EQ(read_media(path(name)).at(0).at(0, 0)[3], 255) << name; }
};

TEST_F(MatteFolders, GoIntoAFolderUnderTheirNames)
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

TEST_F(MatteFolders, OfAFolderAreNoSequences)
{
	std::filesystem::create_directory(path("in"));
	write_media(path("in/source.png"), {person()});
	std::filesystem::rename(path("in/source.png"), path("in/a%d.png"));
	EXPECT_THAT(matte("in/a%d.png", "in/"), fails_saying("is one of the inputs"));
	std::filesystem::create_directory(path("out"));
	EXPECT_THAT(matte("in/a%d.png", "out/"), fails_saying("that is the name of a sequence; rename the source"));
	EXPECT_TRUE(std::filesystem::is_empty(path("out")));
}

TEST_F(MatteFolders, NeverLieOverASourceOfTheSameRun)
{
	std::filesystem::create_directory(path("in"));
	write_media(path("in/a.jpg"), {person()}, "-pix_fmt yuvj444p -q:v 1");
	write_media(path("in/a.png"), {person()});
	write_media(path("in/b.png"), {person()});
	std::filesystem::create_symlink(path("in"), path("link"));
	std::filesystem::create_directory(path("out"));
	std::filesystem::create_hard_link(path("in/b.png"), path("out/a.png"));
	const std::string before = read_file(path("in/a.png"));
	const auto run = [&](const std::vector<std::string> &sources, const std::vector<std::string> &outputs) {
		std::vector<std::string> all{"matte", "-b", path("plate.png"), "--model", difference_model(), "-i"};
		all.insert(all.end(), sources.begin(), sources.end());
		all.insert(all.end(), outputs.begin(), outputs.end());
		return run_program(all).errors;
	};
	const auto is_protected = AllOf(HasSubstr("a.png is one of the inputs"), HasSubstr("sources failed"));
	const std::vector<std::string> both{path("in/a.jpg"), path("in/a.png")};
	EXPECT_THAT(run(both, {"-o", path("in/")}), is_protected);
	EXPECT_THAT(run({path("in")}, {"-o", path("link/")}), is_protected);
	EXPECT_THAT(run({path("in/a.jpg"), path("in/b.png")}, {"-o", path("out/")}), is_protected);
	EXPECT_THAT(run(both, {"-o", path("new/"), "--alpha", path("link/")}), is_protected);
	EXPECT_EQ(read_file(path("in/a.png")), before);
	expect_opaque("in/b.png");
}

TEST_F(MatteFolders, OfAFolderTakeTheCodecOfVideosOnlyForThem)
{
	std::filesystem::create_directory(path("in"));
	write_media(path("in/a.png"), {person()});
	write_media(path("in/b.mkv"), {person(), plate()}, "-c:v ffv1");
	EXPECT_THAT(matte("in", "out/", {"--codec", "vp9", "--crf", "40"}), succeeds_quietly());
	expect_person(read_media(path("out/a.png")).at(0));
	EXPECT_EQ(probe(path("out/b.webm"), "stream=codec_name"), "vp9\n");
}

TEST_F(MatteFolders, OfSequencesStayOnesInAFolder)
{
	write_media(path("k_%04d.png"), {person(), person()}, "-start_number 7");
	ASSERT_THAT(matte("k_%04d.png", "out/", {"--alpha", path("alpha/")}), succeeds_quietly());
	for (const char *file : {"out/k_0007.png", "out/k_0008.png", "alpha/k_0007.png", "alpha/k_0008.png"})
		EXPECT_TRUE(exists(file)) << file;
	EXPECT_THAT(matte("k_%04d.png", "film_%04d.mov"), fails_saying("that is the name of a sequence"));
	EXPECT_THAT(matte("source.png", "out.mov", {"--alpha", path("alpha_%d.mov")}),
		    fails_saying("that is the name of a sequence"));
	write_media(path("n.mkv"), {person(), plate()}, "-c:v ffv1");
	std::filesystem::rename(path("n.mkv"), path("n%03d.mkv"));
	EXPECT_THAT(matte("n%03d.mkv", "out/"), fails_saying("rename the source"));
	EXPECT_FALSE(exists("film_%04d.mov"));
}

} // namespace
} // namespace matting
