// SPDX-License-Identifier: GPL-2.0-or-later
// `train` and `eval`, started as users start them.
#include "media_files.hpp"
#include "models.hpp"
#include "program.hpp"

#include <csignal>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace matting {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

TestPicture plain(int width, int height, uint8_t value)
{
	return {width, height, [=](int, int) {
			return Pixel{value, value, value, 255};
		}};
}

class Eval : public FolderTest {
protected:
	Eval()
	{
		write_media(path("room.png"), {plain(64, 48, 100)});
		write_media(path("alpha.png"), {plain(64, 48, 51)});
		write_media(path("smaller.png"), {plain(64, 36, 51)});
	}

	ProgramRun eval(const std::string &list) const
	{
		write_file(path("list.txt"), list);
		return run_program({"eval", "--list", path("list.txt"), "--model", constant_model(0.25),
				    "--edge-detail", "0", "--json"});
	}
};

TEST_F(Eval, MeasuresEachLineAndTheMean)
{
	write_media(path("name with spaces.png"), {plain(64, 48, 0)});
	const ProgramRun outcome = eval("\xEF\xBB\xBFroom.png room.png alpha.png\n# source background alpha\n"
					" \t\n"
					"room.png \"room.png\" \"name with spaces.png\"\n"
					"room.png\troom.png\tname with spaces.png\n");
	ASSERT_EQ(outcome.status, 0) << outcome.errors;
	const auto report = nlohmann::json::parse(outcome.output);
	ASSERT_EQ(report["pictures"].size(), 3);
	EXPECT_NEAR(report["pictures"][0]["mad"], 50, 2);
	EXPECT_NEAR(report["pictures"][1]["mad"], 250, 2);
	EXPECT_NEAR(report["pictures"][2]["mse"], 62.5, 1);
	EXPECT_NEAR(report["mean"]["mad"], 550 / 3., 2);
	// Nothing has an edge, so no contour is wrong; and what is half transparent all over is in no region.
	EXPECT_EQ(report["mean"]["boundary_f"], 1);
	EXPECT_TRUE(report["mean"]["foreground"]["mad"].is_null());
	EXPECT_TRUE(report["pictures"][0]["background"]["mad"].is_null());
	EXPECT_NEAR(report["mean"]["background"]["mad"], 250, 2); // of the two that have it
	for (const char *measure : {"mad", "mse", "gradient", "self_composite"})
		EXPECT_TRUE(report["mean"]["edge"][measure].is_null());
	EXPECT_FALSE(report.contains("error"));
}

TEST_F(Eval, SaysWhatIsWrongWithAList)
{
	EXPECT_THAT(eval("room.png room.png alpha.png\nroom.png alpha.png\n"),
		    fails_saying("line 2: there should be three names (source, background, alpha), not 2"));
	EXPECT_THAT(eval("room.png room.png alpha.png\n\"my room.png room.png alpha.png\n"), fails_saying("line 2"));
	EXPECT_THAT(eval("room.png room.png smaller.png\n"), fails_saying("is 64x36"));
	write_media(path("red.png"), {TestPicture(64, 48, [](int, int) { return Pixel{200, 100, 100, 255}; })});
	EXPECT_THAT(eval("room.png room.png red.png\n"), fails_saying("red.png is a picture with colours"));
	EXPECT_THAT(eval("room.png room.png none.png\n"), fails_saying("none.png"));
	write_media(path("result.png"), {TestPicture(64, 48, [](int, int) { return Pixel{0, 0, 0, 51}; })});
	EXPECT_THAT(eval("room.png room.png result.png\n"),
		    fails_saying("result.png is a picture that has alpha of its own"));
	EXPECT_THAT(eval("# nothing\n"), fails_saying("names no pictures"));
	EXPECT_THAT(run_program({"eval", "--list", path("none.txt")}), fails_saying("none.txt"));
	EXPECT_EQ(run_program({"eval"}).status, 2);
	EXPECT_EQ(run_program({"eval", "--list", path("list.txt"), "--procedural", "3"}).status, 2);
}

TEST_F(Eval, MeasuresTheChangeOfAMovingSequence)
{
	for (int i = 0; i < 3; i++) {
		write_media(path("in" + std::to_string(i) + ".png"), {plain(64, 48, 100)});
		write_media(path("alpha" + std::to_string(i) + ".png"), {plain(64, 48, static_cast<uint8_t>(51 * i))});
	}
	const ProgramRun outcome = eval("in%d.png room.png alpha%d.png\nroom.png room.png alpha.png\n");
	ASSERT_EQ(outcome.status, 0) << outcome.errors;
	const auto report = nlohmann::json::parse(outcome.output);
	const auto &moving = report["pictures"][0], &picture = report["pictures"][1];
	EXPECT_NEAR(moving["mad"], 150, 2); // 0.25 against 0, 0.2 and 0.4
	EXPECT_NEAR(moving["dtssd"], 20, 0.1);
	EXPECT_TRUE(moving["edge"]["flicker"].is_null());
	EXPECT_TRUE(picture["dtssd"].is_null());
	EXPECT_EQ(report["mean"]["dtssd"], moving["dtssd"]);

	write_media(path("alpha3.png"), {plain(64, 48, 0)});
	EXPECT_THAT(eval("in%d.png room.png alpha%d.png\n"), fails_saying("in%d.png ends after 3 frames"));
}

// Left as the room is, right ever greener.
TestPicture greener(int step)
{
	return {64, 48, [=](int x, int) {
			return Pixel{100, static_cast<uint8_t>(x < 32 ? 100 : 100 + 8 * step), 100, 255};
		}};
}

TEST_F(Eval, MeasuresTheFlickerOfAStillSequence)
{
	write_media(path("nobody.png"), {plain(64, 48, 0)});
	for (int i = 0; i < 3; i++)
		write_media(path("in" + std::to_string(i) + ".png"), {greener(i)});
	write_file(path("list.txt"), "in%d.png room.png nobody.png\n");
	const ProgramRun outcome = run_program(
		{"eval", "--list", path("list.txt"), "--model", difference_model(), "--edge-detail", "0", "--json"});
	ASSERT_EQ(outcome.status, 0) << outcome.errors;
	const auto still = nlohmann::json::parse(outcome.output)["pictures"][0];
	// In half of the picture alpha is 0, 0.25 and 0.5.
	EXPECT_NEAR(still["background"]["flicker"], 125, 10);
	EXPECT_NEAR(still["background"]["mad"], 125, 10);
	EXPECT_TRUE(still["edge"]["flicker"].is_null()); // there is no edge
	EXPECT_TRUE(still["dtssd"].is_null());
}

TEST_F(Eval, MeasuresHowAPictureFlickersInFreshNoise)
{
	write_media(path("nobody.png"), {plain(64, 48, 0)});
	write_file(path("list.txt"), "room.png room.png nobody.png\n");
	const auto flicker = [this](const std::filesystem::path &model) -> double {
		const ProgramRun outcome = run_program({"eval", "--list", path("list.txt"), "--model", model,
							"--flicker", "--edge-detail", "0", "--json"});
		EXPECT_EQ(outcome.status, 0) << outcome.errors;
		return nlohmann::json::parse(outcome.output)["mean"]["background"]["flicker"];
	};
	EXPECT_GT(flicker(difference_model()), 1);
	EXPECT_EQ(flicker(constant_model(0.25)), 0);
}

TEST_F(Eval, PrintsATableForTheTerminalAndOneForAPage)
{
	write_media(path("nobody.png"), {plain(64, 48, 0)});
	write_file(path("list.txt"), "room.png room.png alpha.png\nroom.png room.png nobody.png\n");
	std::vector<std::string> command{
		"eval", "--list", path("list.txt"), "--model", constant_model(0.25), "--flicker", "--edge-detail", "0"};
	EXPECT_THAT(run_program(command).output,
		    MatchesRegex("[^\n]{1,120}\n[^\n]{1,120}\n +50[.][^\n]* - [^\n]*room[.]png\n"
				 " +2[45][0-9][.][^\n]*room[.]png\n +1[45][0-9][.][^\n]*  mean\n"));
	command.emplace_back("--markdown");
	EXPECT_THAT(run_program(command).output,
		    AllOf(StartsWith("| mean of 2 | everywhere | solid foreground | clear background | edge |\n"
				     "| --- | --- | --- | --- | --- |\n| MAD, x 1000 | 1"),
			  HasSubstr("\n| flicker, x 1000 |  |  | 0.00 | - |\n"), Not(HasSubstr("composite")),
			  Not(HasSubstr("dtSSD"))));
	command.emplace_back("--json");
	EXPECT_EQ(run_program(command).status, 2);
}

class Train : public FolderTest {};

TEST_F(Train, RefusesInOneLine)
{
	write_file(path("file"), "");
	EXPECT_THAT(run_program({"train", "--output", path("file") + "/below"}),
		    fails_saying("cannot make the folder"));
	EXPECT_THAT(run_program({"train", "--output", path("new"), "--resume"}), fails_saying("no training in"));
	EXPECT_EQ(run_program({"train", "--output", path("new"), "--device", "tpu"}).status, 2);
	EXPECT_THAT(run_program({"train", "--output", path("new"), "--model", path("none.pth")}),
		    fails_saying("none.pth"));
	EXPECT_EQ(run_program({"train", "--output", path("new"), "--steps", "3", "--minutes", "1"}).status, 2);
	EXPECT_EQ(run_program({"train", "--output", path("new"), "--only", "refiner"}).status, 2);
	EXPECT_EQ(run_program({"train", "--output", path("new"), "--model", "bundled", "--only", "edges"}).status, 2);
	EXPECT_EQ(run_program({"train"}).status, 2);
	EXPECT_EQ(run_program({"train", "--output", path("new"), "--seed", "-1"}).status, 2);
	EXPECT_EQ(run_program({"train", "--output", path("new"), "--seed", "18446744073709551616"}).status, 2);
	for (const char *refused : {"--resume", "--device=cpu", "--seed=1"}) {
		const ProgramRun outcome = run_program({"train", "--output", path("edges"), "--edges", refused});
		EXPECT_EQ(outcome.status, 2);
		const std::string flag = refused;
		EXPECT_THAT(outcome.errors, HasSubstr("--edges excludes " + flag.substr(0, flag.find('='))));
	}
	EXPECT_FALSE(exists("edges"));
	for (const char *refused : {"--seed=1", "--small-checkpoint"})
		EXPECT_EQ(run_program({"train", "--output", path("new"), "--resume", refused}).status, 2);
	EXPECT_EQ(run_program({"train", "--output", path("new"), "--resume", "--steps", "9"}).status, 2);
}

TEST_F(Train, OverwritesNoModelOfYours)
{
	write_file(path("model.pth"), "mine");
	EXPECT_THAT(run_program({"train", "--output", path("."), "--model", "bundled", "--steps", "1"}),
		    fails_saying("model.pth is there already, and would be overwritten"));
	EXPECT_EQ(read_file(path("model.pth")), "mine");
	write_file(path("edge_weights.inc"), "mine");
	EXPECT_THAT(run_program({"train", "--output", path("."), "--edges"}),
		    fails_saying("edge_weights.inc is there already"));
	EXPECT_EQ(read_file(path("edge_weights.inc")), "mine");
}

TEST_F(Train, LeavesAModelItsCardAndAPreview)
{
	const std::vector<std::string> command{"train",  "--output", path("out"), "--model", "bundled",
					       "--only", "coarse",   "--steps",   "1"};
	const ProgramRun outcome = run_program(command);
	ASSERT_EQ(outcome.status, 0) << outcome.errors;
	EXPECT_EQ(run_program({"info", path("out/model.pth")}).status, 0);
	EXPECT_THAT(read_file(path("out/model.md")),
		    HasSubstr("| the coarse network, statistics fixed | 320x192 to 640x384 | 2 | 1 |"));
	EXPECT_FALSE(read_media(path("out/preview.png")).empty());
	EXPECT_THAT(run_program(command), fails_saying("go on with it by --resume"));
	EXPECT_THAT(run_program({"train", "--output", path("out"), "--resume", "--minutes", "1"}),
		    fails_saying("counts steps, not minutes"));
}

} // namespace
} // namespace matting
