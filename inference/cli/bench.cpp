// SPDX-License-Identifier: GPL-2.0-or-later
// How fast this machine mattes, and how fast it could.
#include "bench.hpp"
#include "bench_pictures.hpp"
#include "commands.hpp"

#include "inference/cuda_library.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace matting {
namespace {

using Json = nlohmann::ordered_json;

// ---- One executor

constexpr int warm_up_frames = 3;

Json measure(const BenchArguments &arguments, BenchPictures &pictures, const std::string &executor, int frames)
{
	EngineSettings settings = arguments.engine;
	settings.executor = executor;
	Engine engine(settings);
	engine.set_options(arguments.options);
	engine.set_background(pictures.room());
	const bool has_figures = is_cuda(engine.device()) && executor == "fast";
	if (has_figures)
		pictures.move_to(engine.device());

	std::vector<double> times, gpu_times;
	std::map<std::string, std::vector<double>> stages;
	std::vector<StageTime> last;
	for (int i = -warm_up_frames; i < frames; i++) {
		const auto begin = std::chrono::steady_clock::now();
		engine.matte(pictures.source(i + warm_up_frames), pictures.result());
		const auto end = std::chrono::steady_clock::now();
		if (i < 0)
			continue;
		times.push_back(std::chrono::duration<double, std::milli>(end - begin).count());
		gpu_times.push_back(engine.device_figures().milliseconds);
		last = engine.stage_times();
		for (const StageTime &stage : last)
			stages[stage.name].push_back(stage.milliseconds);
	}
	Json names = Json::array(), work = Json::array();
	for (const StageTime &stage : last) {
		names.push_back(stage.name);
		work.push_back({stage.multiplications, stage.bytes});
	}
	Json figures;
	if (has_figures)
		figures = {{"gpu_ms_per_frame", median(gpu_times)},
			   {"kernels_per_frame", engine.device_figures().launches},
			   {"gpu_memory_bytes", engine.device_figures().memory_bytes}};
	return {{"figures", figures},
		{"backbone", engine.backbone()},
		{"device", engine.device()},
		{"precision", engine.precision()},
		{"times", times},
		{"stages", stages},
		{"stage_names", names},
		{"work", work}};
}

// In a process of its own, so that its memory is its own.
Json measure_apart(const std::function<Json()> &action)
{
	int ends[2];
	if (pipe(ends) != 0)
		throw Error("there are no file descriptors left");
	const pid_t child = fork();
	if (child < 0)
		throw Error("no process can be started");
	if (child == 0) {
		close(ends[0]);
		std::string answer;
		try {
			answer = action().dump();
		} catch (const std::exception &error) {
			answer = Json{{"error", error.what()}}.dump();
		}
		const bool written = write(ends[1], answer.data(), answer.size()) == ssize_t(answer.size());
		_exit(written ? 0 : 1);
	}
	close(ends[1]);
	std::string answer;
	char block[4096];
	for (ssize_t size; (size = read(ends[0], block, sizeof block)) > 0;)
		answer.append(block, size);
	close(ends[0]);
	int status = 0;
	rusage usage{};
	wait4(child, &status, 0, &usage);
	if (status != 0 || answer.empty())
		throw Error("measuring ended early: is there enough memory?");
	Json result = Json::parse(answer);
	if (result.contains("error"))
		throw Error(result["error"].get<std::string>());
	result["peak_memory_bytes"] = 1024 * static_cast<int64_t>(usage.ru_maxrss);
	return result;
}

// ---- In turns, so that a machine that grows busy is busy for all

constexpr int turns = 3;

void measure_turn(const BenchArguments &arguments, BenchPictures &pictures, int frames, std::string &left_out,
		  Rounds &rounds)
{
	for (const std::string executor : {"fast", "scripted"}) {
		if ((arguments.executor != "both" && arguments.executor != executor) || left_out == executor)
			continue;
		try {
			const Json round = measure_apart([&] {
				set_threads(arguments.threads);
				return measure(arguments, pictures, executor, frames);
			});
			rounds.executors[executor].push_back(round);
		} catch (const Error &error) {
			// On a card it needs libraries that the fast one does not.
			if (executor == "fast" || arguments.executor != "both" || !rounds.are_on_card())
				throw;
			fmt::print(stderr, "scripted is left out: {}\n", error.what());
			left_out = executor;
			rounds.executors.erase(executor);
		}
	}
	if (!rounds.are_on_card())
		rounds.machine.push_back(measure_apart([&] {
			set_threads(arguments.threads);
			const MachineLimits limits = measure_machine();
			return Json{{"gflops", limits.gflops}, {"gigabytes_per_second", limits.gigabytes_per_second}};
		}));
}

Rounds measure_in_turns(const BenchArguments &arguments)
{
	BenchPictures pictures(arguments.width, arguments.height);
	Rounds rounds;
	std::string left_out;
	for (int turn = 0; turn < turns; turn++)
		if (const int frames = (arguments.frames + turn) / turns; frames > 0)
			measure_turn(arguments, pictures, frames, left_out, rounds);
	return rounds;
}

void read_size(BenchArguments &arguments)
{
	int end = 0;
	const std::string &size = arguments.size;
	if (std::sscanf(size.c_str(), "%dx%d%n", &arguments.width, &arguments.height, &end) != 2 ||
	    size.c_str()[end] != 0 || std::min(arguments.width, arguments.height) < 16 ||
	    std::max(arguments.width, arguments.height) > 16384)
		throw CLI::ValidationError("--size", size + " is no size: write 1920x1080, from 16x16");
}

void run_bench(BenchArguments arguments)
{
	read_size(arguments);
	arguments.engine = with_model(arguments.engine);
	if (arguments.threads == 0)
		arguments.threads = static_cast<int>(std::thread::hardware_concurrency());
	const Json report = make_report(arguments, measure_in_turns(arguments));
	if (arguments.as_json)
		fmt::print("{}\n", report.dump(2));
	else
		print_report(report);
}

} // namespace

void add_bench_command(CLI::App &app)
{
	auto arguments = std::make_shared<BenchArguments>();
	CLI::App *command = app.add_subcommand(
		"bench", "Measures the executors on drawn frames, and the machine's own limits in the same run.");
	command->add_option("--size", arguments->size, "Of the frames")->capture_default_str();
	command->add_option("--frames", arguments->frames, "Measured frames of each executor")
		->check(CLI::Range(1, 1'000'000))
		->capture_default_str();
	add_engine_flags(*command, arguments->engine, arguments->threads);
	command->remove_option(command->get_option("--executor"));
	command->add_option("--executor", arguments->executor, "fast, scripted or both")
		->check(CLI::IsMember({"fast", "scripted", "both"}))
		->capture_default_str();
	command->add_flag(
		"--json", arguments->as_json,
		"One object: size, backbone, threads, device, precision, fast and scripted (each ms_per_frame "
		"(median), frames_per_second, stages_ms, peak_memory_bytes), ratio, machine (gflops, "
		"gigabytes_per_second, frame_gflop, frame_gigabytes, bound_ms)");
	add_option_flags(*command, arguments->options);
	command->callback([arguments] { run_bench(*arguments); });
}

} // namespace matting
