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
		return run_program({"eval", "--list", path("list.txt"), "--model", constant_model(0.25), "--json"});
	}
};

TEST_F(Eval, MeasuresEachLineAndTheMean)
{
	write_media(path("name with spaces.png"), {plain(64, 48, 0)});
	const ProgramRun outcome = eval("# source background alpha\n"
					"room.png room.png alpha.png\n\n"
					"room.png \"room.png\" \"name with spaces.png\"\n"
					"room.png\troom.png\tname with spaces.png\n");
	ASSERT_EQ(outcome.status, 0) << outcome.errors;
	const auto report = nlohmann::json::parse(outcome.output);
	ASSERT_EQ(report["pictures"].size(), 3);
	EXPECT_NEAR(report["pictures"][0]["mad"], 50, 2);
	EXPECT_NEAR(report["pictures"][1]["mad"], 250, 2);
	EXPECT_NEAR(report["pictures"][2]["mse"], 62.5, 1);
	EXPECT_NEAR(report["mean"]["mad"], 550 / 3., 2);
	EXPECT_EQ(report["mean"]["edge"]["mad"], 0);
}

TEST_F(Eval, SaysWhatIsWrongWithAList)
{
	EXPECT_THAT(eval("room.png room.png alpha.png\nroom.png alpha.png\n"),
		    fails_saying("line 2: there should be three names (source, background, alpha), not 2"));
	EXPECT_THAT(eval("room.png room.png smaller.png\n"), fails_saying("is 64x36"));
	EXPECT_THAT(eval("room.png room.png none.png\n"), fails_saying("none.png"));
	write_media(path("result.png"), {TestPicture(64, 48, [](int, int) { return Pixel{0, 0, 0, 51}; })});
	EXPECT_THAT(eval("room.png room.png result.png\n"),
		    fails_saying("result.png is a picture that has alpha of its own"));
	EXPECT_THAT(eval("# nothing\n"), fails_saying("names no pictures"));
	EXPECT_THAT(run_program({"eval", "--list", path("none.txt")}), fails_saying("none.txt"));
	EXPECT_EQ(run_program({"eval"}).status, 2);
	EXPECT_EQ(run_program({"eval", "--list", path("list.txt"), "--procedural", "3"}).status, 2);
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
	EXPECT_THAT(run_program({"train", "--output", path("new"), "--background", path("none.png")}),
		    fails_saying("none.png"));
	EXPECT_EQ(run_program({"train", "--output", path("new"), "--steps", "3", "--minutes", "1"}).status, 2);
	EXPECT_EQ(run_program({"train", "--output", path("new"), "--only", "refiner"}).status, 2);
	EXPECT_EQ(run_program({"train", "--output", path("new"), "--model", "bundled", "--only", "edges"}).status, 2);
	EXPECT_EQ(run_program({"train"}).status, 2);
}

TEST_F(Train, AdaptsToARoomAndLeavesAModelItsCardAndAPreview)
{
	const auto frame = [](int above) {
		return TestPicture{320, 180, [=](int x, int y) {
					   return Pixel{uint8_t(x / 2 + above), uint8_t(y + above), 90, 255};
				   }};
	};
	for (int i = 0; i < 3; i++)
		write_media(path("room" + std::to_string(i) + ".png"), {frame(3 * i)});
	const std::vector<std::string> command{"train",   "--output", path("out"), "--background", path("room%d.png"),
					       "--steps", "1"};
	const ProgramRun outcome = run_program(command);
	ASSERT_EQ(outcome.status, 0) << outcome.errors;
	// Of 0, 3, 6 the deviation is 3, and one channel has none.
	EXPECT_THAT(outcome.output, HasSubstr("noise, measured from 3 frames: 2.4 of 255"));
	EXPECT_THAT(outcome.output, HasSubstr("in this room"));
	EXPECT_EQ(run_program({"info", path("out/model.pth")}).status, 0);
	EXPECT_THAT(read_file(path("out/model.md")),
		    AllOf(HasSubstr("Adapted to one room, the weights "), HasSubstr(": in this room")));
	EXPECT_FALSE(read_media(path("out/preview.png")).empty());
	EXPECT_THAT(run_program(command), fails_saying("go on with it by --resume"));
}

} // namespace
} // namespace matting
