// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"

#include "inference/bench/bench.hpp"
#include "inference/sizes.hpp"
#include "inference/threads.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

void read_size(BenchArguments &arguments)
{
	int end = 0;
	const std::string &size = arguments.size;
	if (std::sscanf(size.c_str(), "%dx%d%n", &arguments.width, &arguments.height, &end) != 2 ||
	    size.c_str()[end] != 0 || std::min(arguments.width, arguments.height) < min_dimension ||
	    std::max(arguments.width, arguments.height) > max_dimension)
		throw CLI::ValidationError("--size",
					   fmt::format("{0} is no size: write 1920x1080, from {1}x{1} to {2}x{2}", size,
						       min_dimension, max_dimension));
}

void run_bench(BenchArguments arguments, const OptionFlags &options)
{
	read_size(arguments);
	arguments.engine = with_model(arguments.engine);
	arguments.options = [&](const Options &attributes) {
		return options.over(attributes);
	};
	if (arguments.threads == 0)
		arguments.threads = useful_threads();
	const nlohmann::ordered_json report = make_report(arguments, measure_in_turns(arguments));
	if (arguments.as_json)
		fmt::print("{}\n", report.dump(2));
	else
		print_report(report);
}

} // namespace

void add_bench_command(CLI::App &app)
{
	auto arguments = std::make_shared<BenchArguments>();
	auto options = std::make_shared<OptionFlags>();
	CLI::App *command = app.add_subcommand(
		"bench", "Measures the executors on drawn frames, and the machine's own limits in the same run.");
	command->add_option("--size", arguments->size, "Of the frames")->capture_default_str();
	command->add_option("--frames", arguments->frames, "Measured frames of each executor")
		->check(CLI::Range(1, 1'000'000))
		->capture_default_str();
	add_engine_flags(*command, arguments->engine, arguments->threads);
	command->remove_option(command->get_option("--executor"));
	command->add_option("--executor", arguments->executor, "Which are measured")
		->check(CLI::IsMember({"fast", "scripted", "both"}))
		->capture_default_str();
	command->add_flag(
		"--json", arguments->as_json,
		"One object: size, backbone, threads, device, precision, instruction_set (on the CPU), fast and scripted (each ms_per_frame "
		"(median), frames_per_second, stages_ms, peak_memory_bytes), ratio, machine (gflops, "
		"gigabytes_per_second, frame_gflop, frame_gigabytes, bound_ms)");
	options->add_to(*command);
	command->callback([arguments, options] { run_bench(*arguments, *options); });
}

} // namespace matting
