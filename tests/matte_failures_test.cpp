// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` when something is wrong: what it says, and that it leaves nothing half-written.
#include "matte_test.hpp"

#include <csignal>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace matting {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class MatteFailures : public MatteTestWithPictures {
protected:
	// Noise, which no format makes small.
	static std::vector<TestPicture> noise(int count)
	{
		uint32_t state = 1;
		const auto next = [&state] {
			return static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
		};
		std::vector<TestPicture> pictures;
		while (static_cast<int>(pictures.size()) < count)
			pictures.emplace_back(width, height, [&](int, int) {
				return Pixel{next(), next(), next(), 255};
			});
		return pictures;
	}
};

TEST_F(MatteFailures, NameTheFileThatIsMissing)
{
	EXPECT_THAT(matte("none.png", "matte.png"), fails_saying("cannot read " + path("none.png")));
	EXPECT_THAT(matte("none_%03d.png", "matte.mov"), fails_saying("cannot read " + path("none_%03d.png")));
	EXPECT_THAT(matte("source.png", "matte.png", {"--over", path("none.jpg")}),
		    fails_saying("cannot read " + path("none.jpg")));
	std::filesystem::remove(path("plate.png"));
	const std::vector<std::string> arguments{"matte", "--source", path("source.png"), "--output",
						 path("matte.png")};
	const auto with = [&](const std::string &background, const std::string &model) {
		auto all = arguments;
		all.insert(all.end(), {"--background", background, "--model", model});
		return run_program(all);
	};
	EXPECT_THAT(with(path("plate.png"), difference_model()), fails_saying("cannot read " + path("plate.png")));
	EXPECT_THAT(with(path("source.png"), path("none.pth")),
		    fails_saying(path("none.pth") + ": there is no such file"));
	EXPECT_THAT(files(), ElementsAre("source.png"));
}

TEST_F(MatteFailures, NameTheFileThatIsNoPicture)
{
	write_file(path("notes.txt"), "These are notes.\n");
	write_file(path("empty.png"), "");
	ffmpeg("-f lavfi -i sine=duration=0.1 '" + path("sound.wav") + "'");
	std::filesystem::create_directory(path("folder"));
	for (const char *source : {"notes.txt", "empty.png", "sound.wav", "folder"})
		EXPECT_THAT(matte(source, "matte.png"), fails_saying("cannot read " + path(source))) << source;
	EXPECT_FALSE(exists("matte.png"));
}

TEST_F(MatteFailures, AreWhatCutOffPicturesEndIn)
{
	write_media(path("whole.jpg"), noise(1), "-pix_fmt yuvj444p -q:v 2");
	write_media(path("whole.png"), noise(1));
	write_media(path("whole.webp"), noise(1), "-c:v libwebp -lossless 1");
	for (const char *kind : {".jpg", ".png", ".webp"}) {
		const std::string whole = read_file(path(std::string("whole") + kind)), cut = std::string("cut") + kind;
		write_file(path(cut), whole.substr(0, whole.size() / 2));
		EXPECT_THAT(matte(cut, "matte.png"), fails_saying(path(cut))) << kind;
		EXPECT_THAT(run_program({"matte", "--source", path("source.png"), "--background", path(cut), "--output",
					 path("matte.png"), "--model", difference_model()}),
			    fails_saying(path(cut)))
			<< kind;
	}
	EXPECT_FALSE(exists("matte.png"));
}

TEST_F(MatteFailures, ProtectTheInputs)
{
	write_media(path("frame_%02d.png"), {person(), person()});
	std::filesystem::create_hard_link(path("source.png"), path("link.png"));
	std::filesystem::create_symlink(path(""), path("here"));
	const std::vector<std::pair<const char *, const char *>> pairs{
		{"source.png", "source.png"},         {"source.png", "link.png"},
		{"source.png", "plate.png"},          {"source.png", "here/source.png"},
		{"frame_%02d.png", "frame_%02d.png"}, {"frame_%02d.png", "frame_02.png"},
		{"frame_01.png", "frame_%02d.png"},   {"frame_%02d.png", "here/frame_%d.png"}};
	for (const auto &[source, output] : pairs)
		EXPECT_THAT(matte(source, output), fails_saying("is one of the inputs")) << source << ' ' << output;
	expect_person(read_media(path("frame_02.png")).at(0), 32); // a source still: opaque everywhere
	EXPECT_EQ(read_media(path("source.png")).at(0).at(0, 0)[3], 255);
}

TEST_F(MatteFailures, OfUsageExitWithTwo)
{
	const auto status = [&](const std::vector<std::string> &more) {
		const ProgramRun run = matte("source.png", "matte.png", more);
		EXPECT_NE(run.errors, "");
		return run.status;
	};
	EXPECT_EQ(run_program({}).status, 2);
	EXPECT_EQ(run_program({"mate"}).status, 2);
	EXPECT_EQ(run_program({"matte", "--source", path("source.png")}).status, 2);
	EXPECT_EQ(status({"--no-such-flag"}), 2);
	EXPECT_EQ(status({"--view", "everything"}), 2);
	EXPECT_EQ(status({"--codec", "gif"}), 2);
	EXPECT_EQ(status({"--precision", "fp8"}), 2);
	EXPECT_EQ(status({"--backbone-scale", "0.9"}), 2);
	EXPECT_EQ(status({"--refine-sample-pixels", "many"}), 2);
	EXPECT_EQ(status({"--quality", "best"}), 2);
	EXPECT_EQ(status({"--quality", "fast", "--backbone-scale", "0.3"}), 2) << "which of them?";
	EXPECT_EQ(status({"--refine-threshold", "nan"}), 2);
	EXPECT_EQ(status({"--view", "1"}), 2); // words, not their numbers
	EXPECT_EQ(status({"--device", "tpu"}), 2);
	EXPECT_EQ(status({"--over", "#12345"}), 2);
	EXPECT_EQ(status({"--over", "red", "--view", "foreground"}), 2);
	EXPECT_EQ(status({"--over", "#12345G"}), 2);
	EXPECT_EQ(status({"--start", "soon"}), 2);
	EXPECT_EQ(status({"--fps", "0"}), 2);
	EXPECT_EQ(status({"-y", "-n"}), 2);
	EXPECT_EQ(status({"--alpha", path("alpha.png"), "--view", "error"}), 2);
	EXPECT_FALSE(exists("matte.png"));
	EXPECT_EQ(run_program({"matte", "--help"}).status, 0);
}

TEST_F(MatteFailures, OfUsageNameTheWrongWord)
{
	const auto errors = [](const std::vector<std::string> &arguments) {
		const ProgramRun run = run_program(arguments);
		EXPECT_EQ(run.status, 2);
		return run.errors;
	};
	EXPECT_THAT(errors({"mate"}),
		    testing::StartsWith("background-matting: there is no command mate: use matte, export"));
	EXPECT_THAT(errors({"--bogus"}), HasSubstr("--bogus"));
	EXPECT_THAT(errors({}), testing::StartsWith("background-matting: a command is missing: use matte, export"));
	EXPECT_THAT(errors({"models"}), HasSubstr("a command is missing: use list, fetch, import"));
	EXPECT_THAT(errors({"models", "get"}), HasSubstr("there is no command get: use list, fetch, import"));
	EXPECT_THAT(errors({"matte", "--sauce", "x"}), HasSubstr("background-matting matte --help"));
	EXPECT_THAT(errors({"matte", "--view", "all", "-i", "a", "-b", "b", "-o", "c"}),
		    HasSubstr("all is none of result, alpha, foreground, error, refined"));
	EXPECT_THAT(errors({"matte", "--start", "soon", "-i", "a", "-b", "b", "-o", "c"}),
		    HasSubstr("--start: soon is no time"));
}

TEST(Help, IsOneLineForEachCommand)
{
	const std::string help = run_program({"--help"}).output;
	EXPECT_THAT(help, HasSubstr("  train                       Trains a model on drawn pictures.\n"));
	EXPECT_THAT(help,
		    HasSubstr("  eval                        Measures a model on pictures whose alpha is known.\n"));
	EXPECT_THAT(run_program({"train", "--help"}).output, HasSubstr("Every few minutes it writes a checkpoint"));
}

TEST(Help, ListsWhatThereIsToChooseFrom)
{
	const auto help = [](std::vector<std::string> command) {
		command.emplace_back("--help");
		return run_program(command).output;
	};
	EXPECT_THAT(help({"models", "fetch"}), HasSubstr("NAME mobilenetv2, resnet50 (required)"));
	EXPECT_THAT(help({"export"}), HasSubstr("--precision fp32, fp16 (default: fp32)"));
	EXPECT_THAT(help({"export"}), HasSubstr("--backbone auto, mobilenetv2, resnet50, resnet101 (default: auto)"));
	EXPECT_THAT(help({"bench"}), HasSubstr("--executor fast, scripted, both (default: both)"));
	EXPECT_THAT(help({"train"}), HasSubstr("--only coarse, refiner"));
}

TEST_F(MatteFailures, SayWhatCannotBeDone)
{
	EXPECT_THAT(matte("source.png", "matte.gif"), fails_saying("cannot tell a format from the name"));
	EXPECT_THAT(matte("source.png", "no/such/folder/matte.png"), fails_saying("no/such/folder; make it first"));
	EXPECT_THAT(matte("source.png", "no/such/folder/matte_%d.png"), fails_saying("no/such/folder; make it first"));
	ASSERT_EQ(mkfifo(path("pipe.png").c_str(), 0600), 0);
	EXPECT_THAT(matte("source.png", "pipe.png"), fails_saying("no ordinary file"));
	EXPECT_THAT(files(), ElementsAre("pipe.png", "plate.png", "source.png"));
}

TEST_F(MatteFailures, OfAFullDiskLeaveWhatWasThere)
{
	write_media(path("noise.mkv"), noise(8), "-c:v ffv1");
	const std::vector<std::string> before{"noise.mkv", "plate.png", "source.png"};
	for (const char *output : {"matte.png", "matte.webp", "matte.mov", "matte.webm", "matte.mp4", "matte_%d.png"}) {
		SCOPED_TRACE(output);
		const bool is_picture =
			std::string_view(output) == "matte.png" || std::string_view(output) == "matte.webp";
		if (is_picture)
			ffmpeg(fmt::format("-i '{}' -frames:v 1 '{}'", path("noise.mkv"), path("noise.png")));
		EXPECT_THAT(matte(is_picture ? "noise.png" : "noise.mkv", output, {"--view", "foreground"},
				  {.max_file_bytes = 3000}),
			    fails_saying(std::string_view(output) == "matte_%d.png" ? "matte_1.png" : output));
		std::filesystem::remove(path("noise.png"));
		EXPECT_EQ(files(), before);
	}
	write_file(path("matte.mov"), "an older one");
	EXPECT_THAT(matte("noise.mkv", "matte.mov", {}, {.max_file_bytes = 3000}), fails_saying("File too large"));
	EXPECT_EQ(read_file(path("matte.mov")), "an older one");
}

TEST_F(MatteFailures, OfAPictureOfASequenceNameItAndKeepThoseBefore)
{
	ffmpeg("-f lavfi -i testsrc=s=96x48 -frames:v 40 -c:v ffv1 '" + path("film.mkv") + "'");
	std::filesystem::create_directories(path("out/10.png/in_the_way"));
	EXPECT_THAT(matte("film.mkv", "out/%d.png"), fails_saying("cannot write " + path("out/10.png")));
	for (int number = 1; number < 10; number++)
		EXPECT_TRUE(exists(fmt::format("out/{}.png", number))) << number;
	EXPECT_FALSE(exists("out/40.png"));
	for (const auto &entry : std::filesystem::directory_iterator(path("out")))
		EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << "half written: " << entry.path();
}

TEST_F(MatteFailures, ByInterruptionLeaveNothing)
{
	ffmpeg("-f lavfi -i testsrc=s=96x48 -frames:v 20000 -c:v libx264 -preset ultrafast '" + path("long.mp4") + "'");
	const std::vector<std::string> before{"long.mp4", "plate.png", "source.png"};
	for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
		SCOPED_TRACE(signal);
		const auto once_it_writes = [&](int process) {
			// For more than a moment: at first the program only tries whether it may write there.
			int looks_in_a_row = 0;
			for (int i = 0; i < 6000 && looks_in_a_row < 5; i++) {
				usleep(10'000);
				looks_in_a_row = files() == before ? 0 : looks_in_a_row + 1;
			}
			EXPECT_EQ(looks_in_a_row, 5) << "nothing is being written yet";
			kill(process, signal);
		};
		EXPECT_THAT(matte("long.mp4", "matte.mov", {}, {.meanwhile = once_it_writes}),
			    fails_saying("interrupted"));
		EXPECT_EQ(files(), before);
	}
}

// A program that stops reading must not leave half of the alpha behind.
TEST_F(MatteFailures, OfAReaderLeaveNothing)
{
	ffmpeg("-f lavfi -i testsrc=s=96x48 -frames:v 500 -c:v ffv1 '" + path("long.mkv") + "'");
	const std::string command =
		fmt::format("'{}' matte -i '{}' -b '{}' -o - --alpha '{}' --model '{}' 2>'{}' | head -c 1000 >'{}'",
			    MATTING_PROGRAM, path("long.mkv"), path("plate.png"), path("alpha.mkv"),
			    difference_model().string(), path("errors"), path("head"));
	EXPECT_EQ(std::system(command.c_str()), 0);
	EXPECT_THAT(read_file(path("errors")), HasSubstr("cannot write to the standard output: Broken pipe"));
	EXPECT_EQ(files(), (std::vector<std::string>{"errors", "head", "long.mkv", "plate.png", "source.png"}));
}

TEST_F(MatteFailures, NameTheSourceOfWhatTheEngineRefuses)
{
	write_media(path("tiny.png"), {{1, 1, [](int, int) {
						return room;
					}}});
	EXPECT_THAT(matte("tiny.png", "matte.png"), fails_saying("tiny.png: a picture of 1x1 is too small"));
	const std::string source = path("source.png"), tiny = path("tiny.png");
	EXPECT_THAT(run_program({"matte", "-i", source, "-b", tiny, "-o", path("matte.png")}),
		    fails_saying("tiny.png: a picture of 1x1 is too small"));
}

} // namespace
} // namespace matting
