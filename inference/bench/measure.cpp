// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.hpp"
#include "bench_pictures.hpp"

#include "inference/process_apart.hpp"
#include "inference/threads.hpp"

#include <chrono>
#include <functional>
#include <utility>

#include <fmt/format.h>

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
	engine.set_options(arguments.options(engine.attributes()));
	engine.set_background(pictures.room());
	const bool has_figures = is_cuda(engine.device()) && executor == "fast";
	if (has_figures)
		pictures.move_to(engine.device());

	std::vector<double> times, gpu_times;
	std::map<std::string, std::vector<double>> stages;
	std::vector<StageTime> last;
	const auto take_stages = [&] {
		last = engine.stage_times();
		for (const StageTime &stage : last)
			stages[stage.name].push_back(stage.milliseconds);
	};
	const auto matte = [&](const auto &take) { // take(milliseconds) behind each frame
		for (int i = -warm_up_frames; i < frames; i++) {
			const auto begin = std::chrono::steady_clock::now();
			engine.matte(pictures.source(i + warm_up_frames), pictures.result());
			const auto end = std::chrono::steady_clock::now();
			if (i >= 0)
				take(std::chrono::duration<double, std::milli>(end - begin).count());
		}
	};
	matte([&](double milliseconds) {
		times.push_back(milliseconds);
		if (has_figures)
			gpu_times.push_back(engine.device_figures().milliseconds);
		else
			take_stages();
	});
	if (has_figures) { // other frames, since that costs time
		engine.time_stages(true);
		matte([&](double) { take_stages(); });
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
			   {"gpu_memory_bytes", engine.device_figures().memory_bytes},
			   {"gpu_used_bytes", engine.device_figures().used_bytes}};
	return {{"figures", figures},
		{"fallback", engine.fallback()},
		{"backbone", engine.backbone()},
		{"device", engine.device()},
		{"precision", engine.precision()},
		{"times", times},
		{"stages", stages},
		{"stage_names", names},
		{"work", work}};
}

// ---- In turns, so that a machine that grows busy is busy for all

constexpr int turns = 3;

// What the action gives, and `peak_memory_bytes`: that of a process of its own.
Json measure_apart(const std::function<Json()> &action)
{
	const ApartAnswer answer = run_apart([&] { return action().dump(); }, std::chrono::hours(24));
	Json result = Json::parse(answer.text);
	result["peak_memory_bytes"] = answer.peak_memory_bytes;
	return result;
}

void measure_turn(const BenchArguments &arguments, BenchPictures &pictures, int frames, std::string &left_out,
		  Rounds &rounds)
{
	for (const std::string executor : {"fast", "scripted"}) {
		if ((arguments.executor != "both" && arguments.executor != executor) || left_out == executor)
			continue;
		try {
			const Json round = measure_apart([&] {
				set_threads(arguments.threads);
				BenchArguments where = arguments;
				if (rounds.are_on_card()) // what runs elsewhere is no comparison
					where.engine.device = rounds.any()["device"];
				return measure(where, pictures, executor, frames);
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

} // namespace

Rounds measure_in_turns(const BenchArguments &arguments)
{
	BenchPictures pictures(arguments.width, arguments.height);
	Rounds rounds;
	std::string left_out;
	for (int turn = 0; turn < turns; turn++)
		if (const int frames = (arguments.frames + turn) / turns; frames > 0)
			measure_turn(arguments, pictures, frames, left_out, rounds);
	tell_fallback(rounds.any()["fallback"]);
	return rounds;
}

} // namespace matting
