// SPDX-License-Identifier: GPL-2.0-or-later
// How fast this machine mattes, and how fast it could.
#include "bench.hpp"
#include "bench_pictures.hpp"
#include "commands.hpp"

#include "inference/cuda_library.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace matting {
namespace {

using Json = nlohmann::ordered_json;

struct BenchArguments {
	std::string size = "1920x1080", executor = "both";
	int frames = 30, threads = 0;
	bool as_json = false;
	EngineSettings engine;
	Options options;
	int width = 0, height = 0;
};

// ---- Measuring

double median(std::vector<double> values)
{
	std::sort(values.begin(), values.end());
	return values.empty() ? 0 : values[values.size() / 2];
}

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

// ---- Telling

/// Rounds of one executor, as one.
Json summarise(const std::vector<Json> &rounds)
{
	std::vector<double> times;
	std::map<std::string, std::vector<double>> stages;
	int64_t memory = 0;
	for (const Json &round : rounds) {
		for (const double time : round["times"])
			times.push_back(time);
		for (const auto &[name, values] : round["stages"].items())
			for (const double value : values)
				stages[name].push_back(value);
		memory = std::max(memory, round["peak_memory_bytes"].get<int64_t>());
	}
	Json medians;
	for (const auto &name : rounds.front()["stage_names"])
		medians[name.get<std::string>()] = median(stages[name.get<std::string>()]);
	Json summary{{"ms_per_frame", median(times)},
		     {"frames_per_second", 1000 / median(times)},
		     {"stages_ms", medians},
		     {"peak_memory_bytes", memory}};
	summary.update(rounds.front()["figures"].is_null() ? Json::object() : rounds.front()["figures"]);
	return summary;
}

// The time that multiplications and memory take one after the other at the measured rates.
Json machine(const std::vector<Json> &rounds, const std::vector<Json> &fast_rounds)
{
	double gflops = 0, gigabytes = 0, multiplications = 0, bytes = 0;
	for (const Json &round : rounds) {
		gflops = std::max(gflops, round["gflops"].get<double>());
		gigabytes = std::max(gigabytes, round["gigabytes_per_second"].get<double>());
	}
	if (!fast_rounds.empty())
		for (const auto &work : fast_rounds.front()["work"]) {
			multiplications += work[0].get<double>();
			bytes += work[1].get<double>();
		}
	return {{"gflops", gflops},
		{"gigabytes_per_second", gigabytes},
		{"frame_gflop", 2 * multiplications / 1e9},
		{"frame_gigabytes", bytes / 1e9},
		{"bound_ms", 2 * multiplications / gflops / 1e6 + bytes / gigabytes / 1e6}};
}

void print_text(const Json &report)
{
	fmt::print("{} {} on {}, {} threads, {}\n", report["size"].get<std::string>(),
		   report["backbone"].get<std::string>(), report["device"].get<std::string>(),
		   report["threads"].get<int>(), report["precision"].get<std::string>());
	for (const char *executor : {"fast", "scripted"}) {
		if (!report.contains(executor))
			continue;
		const Json &measured = report[executor];
		fmt::print("\n{}: {:.1f} ms a frame, {:.2f} frames/s, {:.0f} MB at most\n", executor,
			   measured["ms_per_frame"].get<double>(), measured["frames_per_second"].get<double>(),
			   measured["peak_memory_bytes"].get<double>() / 1e6);
		if (measured.contains("gpu_ms_per_frame"))
			fmt::print("  on the card: {:.2f} ms, {} kernels, {:.0f} MB\n",
				   measured["gpu_ms_per_frame"].get<double>(), measured["kernels_per_frame"].get<int>(),
				   measured["gpu_memory_bytes"].get<double>() / 1e6);
		for (const auto &[name, time] : measured["stages_ms"].items())
			fmt::print("  {:<12} {:8.2f} ms\n", name, time.get<double>());
	}
	if (report.contains("ratio"))
		fmt::print("\nfast is {:.2f} times as fast as scripted\n", report["ratio"].get<double>());
	if (!report.contains("machine"))
		return;
	const Json &limits = report["machine"];
	fmt::print("\nThis machine, now: {:.0f} GFLOP/s in a large convolution, {:.1f} GB/s in a copy\n",
		   limits["gflops"].get<double>(), limits["gigabytes_per_second"].get<double>());
	if (report.contains("fast"))
		fmt::print(
			"A frame is {:.1f} GFLOP and {:.2f} GB: {:.1f} ms at these rates, {:.0f} % of what fast takes\n",
			limits["frame_gflop"].get<double>(), limits["frame_gigabytes"].get<double>(),
			limits["bound_ms"].get<double>(),
			100 * limits["bound_ms"].get<double>() / report["fast"]["ms_per_frame"].get<double>());
}

void run_bench(BenchArguments arguments)
{
	if (std::sscanf(arguments.size.c_str(), "%dx%d", &arguments.width, &arguments.height) != 2 ||
	    std::min(arguments.width, arguments.height) < 16 || std::max(arguments.width, arguments.height) > 16384)
		throw CLI::ValidationError("--size", arguments.size + " is no size: write 1920x1080, from 16x16");
	if (arguments.engine.model.empty())
		arguments.engine.model = bundled_model();
	const int threads =
		arguments.threads > 0 ? arguments.threads : static_cast<int>(std::thread::hardware_concurrency());

	BenchPictures pictures(arguments.width, arguments.height);

	// In turns, so that a machine that grows busy is busy for both.
	constexpr int turns = 3;
	std::map<std::string, std::vector<Json>> rounds;
	std::vector<Json> machine_rounds;
	std::string left_out;
	for (int turn = 0; turn < turns; turn++) {
		for (const char *executor : {"fast", "scripted"})
			if ((arguments.executor == "both" || arguments.executor == executor) && left_out != executor)
				try {
					rounds[executor].push_back(measure_apart([&] {
						set_threads(threads);
						return measure(arguments, pictures, executor,
							       (arguments.frames + turns - 1) / turns);
					}));
				} catch (const Error &error) {
					// On a card it needs libraries that the fast one does not.
					if (rounds["fast"].empty() || !is_cuda(rounds["fast"].front()["device"]))
						throw;
					fmt::print(stderr, "scripted is left out: {}\n", error.what());
					left_out = executor;
					rounds.erase(executor);
				}
		if (!rounds.empty() && is_cuda(rounds.begin()->second.front()["device"]))
			continue; // the processor's limits say nothing there
		machine_rounds.push_back(measure_apart([&] {
			set_threads(threads);
			const MachineLimits limits = measure_machine();
			return Json{{"gflops", limits.gflops}, {"gigabytes_per_second", limits.gigabytes_per_second}};
		}));
	}

	const Json &any = rounds.begin()->second.front();
	Json report{{"size", fmt::format("{}x{}", arguments.width, arguments.height)},
		    {"backbone", any["backbone"]},
		    {"threads", threads},
		    {"device", any["device"]},
		    {"precision", any["precision"]}};
	for (const auto &[executor, results] : rounds)
		report[executor] = summarise(results);
	if (rounds.size() == 2) {
		// On a card the network alone, without the way there and back that only the scripted executor needs.
		const Json &scripted = report["scripted"];
		const Json &time = is_cuda(any["device"]) ? scripted["stages_ms"]["network"] : scripted["ms_per_frame"];
		report["ratio"] = time.get<double>() / report["fast"]["ms_per_frame"].get<double>();
	}
	if (!machine_rounds.empty())
		report["machine"] = machine(machine_rounds, rounds["fast"]);
	if (arguments.as_json)
		fmt::print("{}\n", report.dump(2));
	else
		print_text(report);
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
