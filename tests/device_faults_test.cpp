// SPDX-License-Identifier: GPL-2.0-or-later
// What becomes of `auto` and of a chosen card when the card does not do it: with a stand-in for the engine's CUDA part beside
// the program; see cuda_stand_in/faulty_device.hpp.
#include "engine_program.hpp"
#include "matte_test.hpp"
#include "variable.hpp"

#include <cstdlib>

namespace matting {
namespace {

using testing::HasSubstr;
using testing::Not;

class DeviceFaults : public MatteTest {
protected:
	DeviceFaults()
	{
		for (const char *name : {"background-matting", "libbackground-matting-ffmpeg.so"})
			std::filesystem::copy_file(std::filesystem::path(MATTING_PROGRAM).parent_path() / name,
						   path(name));
		std::filesystem::copy_file(STAND_IN_ENGINE_LIBRARY, path("libbackground-matting-cuda.so"));
		std::filesystem::copy_file(STAND_IN_DRIVER, path("libcuda.so.1"));
		setenv("LD_LIBRARY_PATH", path("").c_str(), 1);
	}
	~DeviceFaults() override
	{
		unsetenv("LD_LIBRARY_PATH");
		unsetenv("STAND_IN_FAULT");
	}

	ProgramRun matte_with(const std::string &fault, const std::string &device)
	{
		setenv("STAND_IN_FAULT", fault.c_str(), 1);
		write_media(path("plate.png"), {{width_, 48, [](int, int) {
							 return room;
						 }}});
		return matte("plate.png", "matte.png", {"--device", device}, {.program = path("background-matting")});
	}

	void expect_fallback(const std::string &fault, const std::string &reason)
	{
		const ProgramRun run = matte_with(fault, "auto");
		EXPECT_EQ(run.status, 0) << run.errors;
		EXPECT_THAT(run.errors,
			    HasSubstr("background-matting: the CPU is used and not a graphics card: " + reason));
		EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
		EXPECT_TRUE(exists("matte.png"));
		EXPECT_THAT(matte_with(fault, "cuda:0"), fails_saying(reason));
	}

	int width_ = 64;
};

TEST_F(DeviceFaults, AreNoneWhenTheCardWorks)
{
	EXPECT_THAT(matte_with("", "auto"), succeeds_quietly());
	EXPECT_THAT(matte_with("", "cuda:0"), succeeds_quietly());
}

TEST_F(DeviceFaults, ADriverThatIsTooOldMeansTheCpu)
{
	expect_fallback("driver", "the NVIDIA driver 535.1 is too old");
}

TEST_F(DeviceFaults, ACardThatIsTooOldMeansTheCpu)
{
	const ProgramRun run = matte_with("age", "auto");
	EXPECT_EQ(run.status, 0) << run.errors;
	EXPECT_THAT(run.errors, HasSubstr("not a graphics card: the graphics card Stand-in is too old"));
}

TEST_F(DeviceFaults, ACardThatComputesNonsenseMeansTheCpu)
{
	expect_fallback("nonsense", "cuda:0 computes another matte than the CPU");
}

TEST_F(DeviceFaults, ACardThatIsLostMeansTheCpu)
{
	expect_fallback("lost", "the graphics card has failed while running the model");
}

TEST_F(DeviceFaults, ACardWithoutMemoryForAFrameMeansTheCpu)
{
	width_ = 1280;
	expect_fallback("memory", "the graphics card has not enough memory for the frame");
}

TEST_F(DeviceFaults, ACardThatFailsInTheMidstOfACopyMeansTheWholeMatteByTheCpu)
{
	width_ = 1280;
	expect_fallback("handover", "the graphics card has failed while handing a frame over");
	const auto mattes = read_media(path("matte.png")); // of the plate itself
	ASSERT_EQ(mattes.size(), 1u);
	EXPECT_THAT(mattes[0].pixels, testing::Each(Pixel{0, 0, 0, 0}));
}

class FaultyEngine : public EngineProgram {
public:
	FaultyEngine() : EngineProgram("cuda:0") {}

	/// What it says of a model, and with which status it then ends: by itself, or because it is told to.
	std::pair<Message, int> load_and_end(const std::filesystem::path &model, bool ends_by_itself)
	{
		expect(MessageKind::hello);
		send(MessageKind::set_model, model.string());
		expect(MessageKind::loading);
		const Message answer = expect(MessageKind::failed);
		if (!ends_by_itself)
			channel_->shut_down();
		return {answer, exit_status()};
	}

private:
	void TestBody() override {}
};

TEST_F(DeviceFaults, OfLibtorchEndTheEngineOnlyWhereTheCardAnswersNoMore)
{
	const Variable program("MATTING_PROGRAM", path("background-matting"));
	for (const bool is_lost : {false, true}) {
		const Variable fault("STAND_IN_FAULT", is_lost ? "torch_lost" : "torch");
		const auto [answer, status] = FaultyEngine().load_and_end(difference_model(), is_lost);
		EXPECT_THAT(answer.text, HasSubstr("CUDA error: unspecified launch failure"));
		EXPECT_EQ(answer.session, is_lost ? 0u : 1u);
		EXPECT_EQ(status != 0, is_lost) << status;
	}
	expect_fallback("torch_lost", "cuda:0 cannot run this model: CUDA error: unspecified launch failure");
}

TEST_F(DeviceFaults, AMissingLibraryMeansTheCpuAndIsSaidWhereThereIsADriver)
{
	std::filesystem::remove(path("libbackground-matting-cuda.so"));
	expect_fallback("", "the CUDA part of the engine is not installed");
	std::filesystem::remove(path("libcuda.so.1"));
	EXPECT_THAT(matte_with("", "auto"), succeeds_quietly()) << "nobody expects a card";
}

TEST_F(DeviceFaults, AreSaidByBench)
{
	setenv("STAND_IN_FAULT", "nonsense", 1);
	for (const char *precision : {"auto", "fp16"}) { // half precision was the card's
		const ProgramRun run =
			run_program({"bench", "--size", "64x48", "--frames", "1", "--executor", "fast", "--json",
				     "--precision", precision, "--model", difference_model().string()},
				    {.program = path("background-matting")});
		EXPECT_EQ(run.status, 0) << run.errors;
		EXPECT_THAT(run.output, HasSubstr("\"device\": \"cpu\""));
		EXPECT_THAT(run.errors, HasSubstr("not a graphics card: cuda:0 computes another matte"));
		EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
	}
}

TEST_F(DeviceFaults, AreSaidByTrain)
{
	const Variable fault("STAND_IN_FAULT", "driver");
	const ProgramRun run =
		run_program({"train", "--output", path("new"), "--resume"}, {.program = path("background-matting")});
	EXPECT_EQ(run.status, 1);
	EXPECT_THAT(run.errors,
		    testing::MatchesRegex(
			    "background-matting: the CPU is used and not a graphics card: the NVIDIA driver 535.1 "
			    "is too old[^\n]*\n[^\n]*no training in[^\n]*\n"));
}

} // namespace
} // namespace matting
