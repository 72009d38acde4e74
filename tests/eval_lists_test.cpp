// SPDX-License-Identifier: GPL-2.0-or-later
// What `eval` makes of lists that are written by hand, and of those in which something is wrong.
#include "media_files.hpp"
#include "models.hpp"
#include "program.hpp"

#include "inference/training/evaluation.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace matting {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class EvalLists : public FolderTest {
protected:
	EvalLists()
	{
		write_grey("room.png", 64, 48, 100);
		write_grey("alpha.png", 64, 48, 51);
	}

	void write_grey(const std::string &name, int width, int height, uint8_t value) const
	{
		write_media(path(name), {TestPicture(width, height, [value](int, int) {
				    return Pixel{value, value, value, 255};
			    })});
	}
	ProgramRun eval(const std::string &list, const std::string &form = "--json") const
	{
		write_file(path("list.txt"), list);
		return run_program({"eval", "--list", path("list.txt"), "--model", constant_model(0.25),
				    "--edge-detail", "0", form});
	}
	std::vector<training::EvaluationPair> read(const std::string &list) const
	{
		write_file(path("list.txt"), list);
		return training::read_evaluation_list(path("list.txt"));
	}
};

TEST_F(EvalLists, MayHaveQuotesTabsAndIndentedNotes)
{
	const auto pairs = read("  # source background alpha\n"
				"\t# another note\n"
				"\"my cat.png\"\troom.png\t\"my cat alpha.png\"\n"
				"my cat.png \t\t room.png\tmy cat alpha.png\t\r\n"
				"  \"my cat.png\" room.png   \"my cat alpha.png\"\n"
				"\"my\tcat.png\" room.png C:\\a.png\n"
				"\"5\\\" C:\\cat.png\" room.png 5\"\n");
	ASSERT_EQ(pairs.size(), 5);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(pairs[i].line, i + 3);
		EXPECT_EQ(pairs[i].source, path("my cat.png"));
		EXPECT_EQ(pairs[i].background, path("room.png"));
		EXPECT_EQ(pairs[i].alpha, path("my cat alpha.png"));
	}
	EXPECT_EQ(pairs[3].source, path("my\tcat.png"));
	EXPECT_EQ(pairs[3].alpha, path("C:\\a.png"));
	EXPECT_EQ(pairs[4].source, path("5\" C:\\cat.png"));
	EXPECT_EQ(pairs[4].alpha, path("5\""));
}

TEST_F(EvalLists, SayWhereTheyAreWrong)
{
	EXPECT_THAT(eval("# a note\nroom.png \"room.png alpha.png\n"), fails_saying("line 2: a quote is not closed"));
	EXPECT_THAT(eval("room.png\tmy room.png alpha.png\n"), fails_saying("not 2"));
	EXPECT_THAT(eval("room.png room.png .\n"), fails_saying("is a folder: name a picture"));
	EXPECT_THAT(run_program({"eval", "--list", path("")}), fails_saying("is a folder: name a text file"));
}

TEST_F(EvalLists, AreCheckedBeforeAnythingIsMeasured)
{
	write_file(path("damaged.png"), "no picture");
	write_grey("wide.png", 64, 36, 100);
	const auto refuses = [this](const std::string &second, const std::string &why) {
		const ProgramRun outcome = eval("room.png room.png alpha.png\n\n" + second + "\n");
		EXPECT_THAT(outcome, fails_saying("list.txt, line 3: "));
		EXPECT_THAT(outcome, fails_saying(why));
		EXPECT_THAT(outcome.output, IsEmpty());
	};
	refuses("room.png none.png alpha.png", "none.png: there is no such file");
	refuses("none%d.png room.png alpha.png", "none%d.png");
	refuses("damaged.png room.png alpha.png", "damaged.png");
	refuses("room.png wide.png alpha.png", "wide.png is 64x36, its picture");
	refuses("room.png room.png wide.png", "wide.png is 64x36, its picture");
	// Without a model, too: it is loaded later.
	EXPECT_THAT(run_program({"eval", "--list", path("list.txt"), "--model", path("none.pth")}),
		    fails_saying("wide.png"));
}

// All have the background's shape.
TEST_F(EvalLists, SayWhichFrameOfASequenceHasAnotherSize)
{
	for (const char *name : {"in0.png", "in1.png", "alpha0.png", "alpha1.png", "same0.png", "same1.png"})
		write_grey(name, 64, 48, 51);
	write_grey("in2.png", 32, 24, 51);
	write_grey("alpha2.png", 32, 24, 51);
	write_grey("same2.png", 64, 48, 51);
	const std::string why = " has another size than those before it, 32x24 and not 64x48";
	EXPECT_THAT(eval("in%d.png room.png alpha.png\n"), fails_saying("line 1: " + path("in2.png") + why));
	EXPECT_THAT(eval("in%d.png room.png alpha%d.png\n"), fails_saying(path("in2.png") + why));
	EXPECT_THAT(eval("same%d.png room.png alpha%d.png\n"), fails_saying(path("alpha2.png") + why));
}

TEST_F(EvalLists, LoseNoFiguresToALineThatFailsLate)
{
	write_grey("in0.png", 64, 48, 51);
	write_grey("in1.png", 32, 24, 51);
	const std::string list =
		"room.png room.png alpha.png\nin%d.png room.png alpha.png\nroom.png room.png alpha.png\n";
	const ProgramRun outcome = eval(list);
	EXPECT_EQ(outcome.status, 1);
	EXPECT_THAT(outcome.errors, HasSubstr("list.txt, line 2: "));
	const auto report = nlohmann::json::parse(outcome.output);
	ASSERT_EQ(report["pictures"].size(), 1);
	EXPECT_NEAR(report["mean"]["mad"], 50, 2);
	EXPECT_THAT(report["error"].get<std::string>(), HasSubstr("line 2: " + path("in1.png")));
	EXPECT_THAT(eval(list, "--markdown").output, HasSubstr("| mean of 1 |"));
	EXPECT_THAT(eval("in%d.png room.png alpha.png\n").output, IsEmpty());
}

TEST_F(EvalLists, GiveTheEngineEachBackgroundOnce)
{
	Engine engine({.model = constant_model(0.25), .device = "cpu"});
	Bitmap picture(64, 48);
	picture.pixels.assign(picture.pixels.size(), 255);
	Options options;
	options.edge_detail = 0;
	engine.set_options(options);
	const training::Truth truth(at::zeros({1, 48, 64}));
	EXPECT_THROW(training::evaluate(engine, picture, picture, truth), Error); // it is the caller who does
	engine.set_background(picture.picture());
	EXPECT_GT(training::evaluate(engine, picture, picture, truth).mad, 200);
}

} // namespace
} // namespace matting
