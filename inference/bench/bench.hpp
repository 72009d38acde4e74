// SPDX-License-Identifier: GPL-2.0-or-later
// How fast this machine mattes, and how fast it could.
#pragma once

#include "inference/cuda_library.hpp"
#include "inference/matting.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace matting {

/// What this machine can do at the moment, on the threads that were set.
struct MachineLimits {
	double gflops;               ///< of a large convolution in fp32, multiplications and additions counted apart
	double gigabytes_per_second; ///< of a copy, read and written bytes counted
};
MachineLimits measure_machine();

struct BenchArguments {
	std::string size = "1920x1080", executor = "both";
	int frames = 30, threads = 0;
	bool as_json = false;
	EngineSettings engine;
	std::function<Options(const Options &)> options; ///< made of those that the model came with
	int width = 0, height = 0;
};

/// What was measured: each executor's rounds, in the order that they were run.
struct Rounds {
	std::map<std::string, std::vector<nlohmann::ordered_json>> executors;
	std::vector<nlohmann::ordered_json> machine; // none on a card: the processor's limits say nothing there

	const nlohmann::ordered_json &any() const { return executors.begin()->second.front(); }
	bool are_on_card() const { return !executors.empty() && is_cuda(any()["device"]); }
};

/// Each measurement in a process of its own, so that its memory is its own. Throws Error.
Rounds measure_in_turns(const BenchArguments &arguments);

/// The object that `bench --json` prints.
nlohmann::ordered_json make_report(const BenchArguments &arguments, const Rounds &rounds);
void print_report(const nlohmann::ordered_json &report);

double median(std::vector<double> values);

} // namespace matting
