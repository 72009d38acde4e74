// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.hpp"

#include "inference/fast/instruction_set.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace matting {
namespace {

using Json = nlohmann::ordered_json;

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

// The time that multiplications, as many as the fast executor does, and memory take one after the other at the measured
// rates.
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

} // namespace

double median(std::vector<double> values)
{
	std::sort(values.begin(), values.end());
	return values.empty() ? 0 : values[values.size() / 2];
}

nlohmann::ordered_json make_report(const BenchArguments &arguments, const Rounds &rounds)
{
	const Json &any = rounds.any();
	Json report{{"size", fmt::format("{}x{}", arguments.width, arguments.height)},
		    {"backbone", any["backbone"]},
		    {"threads", arguments.threads},
		    {"device", any["device"]},
		    {"precision", any["precision"]}};
	if (!rounds.are_on_card())
		report["instruction_set"] = instruction_set_names[static_cast<size_t>(chosen_instruction_set())];
	for (const auto &[executor, results] : rounds.executors)
		report[executor] = summarise(results);
	if (rounds.executors.size() == 2) {
		// On a card the network alone, without the way there and back that only the scripted executor needs.
		const Json &scripted = report["scripted"];
		const Json &time = rounds.are_on_card() ? scripted["stages_ms"]["network"] : scripted["ms_per_frame"];
		report["ratio"] = time.get<double>() / report["fast"]["ms_per_frame"].get<double>();
	}
	if (!rounds.machine.empty()) {
		const auto fast = rounds.executors.find("fast");
		report["machine"] =
			machine(rounds.machine, fast == rounds.executors.end() ? std::vector<Json>() : fast->second);
	}
	return report;
}

void print_report(const Json &report)
{
	fmt::print("{} {} on {}, {} threads, {}{}\n", report["size"].get<std::string>(),
		   report["backbone"].get<std::string>(), report["device"].get<std::string>(),
		   report["threads"].get<int>(), report["precision"].get<std::string>(),
		   report.contains("instruction_set") ? ", " + report["instruction_set"].get<std::string>() : "");
	for (const char *executor : {"fast", "scripted"}) {
		if (!report.contains(executor))
			continue;
		const Json &measured = report[executor];
		fmt::print("\n{}: {:.1f} ms a frame, {:.2f} frames/s, {:.0f} MB at most\n", executor,
			   measured["ms_per_frame"].get<double>(), measured["frames_per_second"].get<double>(),
			   measured["peak_memory_bytes"].get<double>() / 1e6);
		if (measured.contains("gpu_ms_per_frame"))
			fmt::print("  on the card: {:.2f} ms, {} kernels, {:.0f} MB of {:.0f} MB in use\n",
				   measured["gpu_ms_per_frame"].get<double>(), measured["kernels_per_frame"].get<int>(),
				   measured["gpu_memory_bytes"].get<double>() / 1e6,
				   measured["gpu_used_bytes"].get<double>() / 1e6);
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
			"As fast computes it, a frame is {:.1f} GFLOP and {:.2f} GB: {:.1f} ms at these rates, {:.0f} % of what it takes\n",
			limits["frame_gflop"].get<double>(), limits["frame_gigabytes"].get<double>(),
			limits["bound_ms"].get<double>(),
			100 * limits["bound_ms"].get<double>() / report["fast"]["ms_per_frame"].get<double>());
}

} // namespace matting
