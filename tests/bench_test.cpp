// SPDX-License-Identifier: GPL-2.0-or-later
// What `bench` says. How fast it is, is no matter of a test.
#include "models.hpp"
#include "program.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace matting {
namespace {

using testing::HasSubstr;

TEST(Bench, PrintsTheDocumentedObject)
{
	const ProgramRun outcome = run_program({"bench", "--size", "96x64", "--frames", "3", "--threads", "1",
						"--model", difference_model(), "--json"});
	ASSERT_EQ(outcome.status, 0) << outcome.errors;
	const auto report = nlohmann::json::parse(outcome.output);
	EXPECT_EQ(report["size"], "96x64");
	EXPECT_EQ(report["backbone"], "mobilenetv2");
	EXPECT_EQ(report["threads"], 1);
	EXPECT_EQ(report["device"], "cpu");
	EXPECT_EQ(report["precision"], "fp32");
	EXPECT_THAT(report["instruction_set"], testing::AnyOf("baseline", "v3", "v4"));
	for (const char *executor : {"fast", "scripted"}) {
		EXPECT_GT(report[executor]["ms_per_frame"], 0);
		EXPECT_GT(report[executor]["peak_memory_bytes"], 1 << 20);
		double sum = 0;
		for (const auto &[stage, milliseconds] : report[executor]["stages_ms"].items())
			sum += milliseconds.get<double>();
		EXPECT_GT(sum, 0);
	}
	for (const char *stage :
	     {"unpack", "downsample", "backbone", "aspp", "decoder", "selection", "compose", "patches"})
		EXPECT_TRUE(report["fast"]["stages_ms"].contains(stage)) << stage;
	EXPECT_DOUBLE_EQ(report["ratio"], report["scripted"]["ms_per_frame"].get<double>() /
						  report["fast"]["ms_per_frame"].get<double>());
	for (const char *limit : {"gflops", "gigabytes_per_second", "frame_gflop", "frame_gigabytes", "bound_ms"})
		EXPECT_GT(report["machine"][limit], 0) << limit;
}

// The paper's table 3 counts 9.8 GMac for HD with 80 000 refined pixels. Winograd's convolutions leave a third to a quarter of
// most of the decoder's; of the refiner's, what patches share is done once, and so are the channels that only it reads.
TEST(Bench, CountsTheMultiplicationsThatAreDone)
{
	const ProgramRun outcome =
		run_program({"bench", "--size", "1920x1080", "--frames", "1", "--executor", "fast", "--model",
			     difference_model(), "--refine-prevent-oversampling", "false", "--json"});
	ASSERT_EQ(outcome.status, 0) << outcome.errors;
	const auto report = nlohmann::json::parse(outcome.output);
	EXPECT_NEAR(report["machine"]["frame_gflop"], 6.3, 0.2);
	EXPECT_FALSE(report.contains("scripted"));
}

TEST(Bench, RunsTheInstructionSetThatTheEnvironmentNames)
{
	const auto bench_with = [](const char *set) {
		setenv("MATTING_ISA", set, 1);
		const ProgramRun outcome = run_program({"bench", "--size", "96x64", "--frames", "1", "--executor",
							"fast", "--model", difference_model(), "--json"});
		unsetenv("MATTING_ISA");
		return outcome;
	};
	const ProgramRun baseline = bench_with("baseline");
	ASSERT_EQ(baseline.status, 0) << baseline.errors;
	EXPECT_EQ(nlohmann::json::parse(baseline.output)["instruction_set"], "baseline");
	const ProgramRun unknown = bench_with("v5");
	EXPECT_EQ(unknown.status, 1);
	EXPECT_THAT(unknown.errors, HasSubstr("MATTING_ISA is v5, and this processor has: baseline"));
}

TEST(Bench, RefusesInWords)
{
	EXPECT_EQ(run_program({"bench", "--size", "HD"}).status, 2);
	EXPECT_EQ(run_program({"bench", "--size", "8x8"}).status, 2);
	EXPECT_EQ(run_program({"bench", "--size", "96x64p"}).status, 2);
	EXPECT_EQ(run_program({"bench", "--frames", "0"}).status, 2);
	const ProgramRun outcome = run_program({"bench", "--model", "/nowhere.pth"});
	EXPECT_EQ(outcome.status, 1);
	EXPECT_THAT(outcome.errors, HasSubstr("/nowhere.pth"));
}

} // namespace
} // namespace matting
