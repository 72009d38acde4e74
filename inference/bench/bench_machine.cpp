// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

#include <torch/script.h>

namespace matting {
namespace {

double best_seconds(int repeats, const std::function<void()> &action)
{
	double best = 1e9;
	for (int i = 0; i < repeats; i++) {
		const auto begin = std::chrono::steady_clock::now();
		action();
		best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
	}
	return best;
}

} // namespace

MachineLimits measure_machine()
{
	const torch::InferenceMode inference;
	constexpr int repeats = 7, channels = 256, size = 64;
	const auto in = at::rand({1, channels, size, size}).contiguous(at::MemoryFormat::ChannelsLast);
	const auto weight = at::rand({channels, channels, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast);
	const double convolution = best_seconds(repeats, [&] { at::conv2d(in, weight, {}, 1, 1); });
	const double operations = 2.0 * channels * channels * 9 * size * size;

	const at::Tensor from = at::ones({int64_t{64} << 20}, at::kByte), to = at::zeros_like(from);
	const double copy = best_seconds(repeats, [&] { to.copy_(from); });
	return {operations / convolution / 1e9, 2.0 * static_cast<double>(from.numel()) / copy / 1e9};
}

} // namespace matting
