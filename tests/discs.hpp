// SPDX-License-Identifier: GPL-2.0-or-later
// Something to learn in a test.
#pragma once

#include "inference/training/trainer.hpp"

#include <vector>

#include <torch/script.h>

namespace matting::training {

// A disc before a sloping background: cheap, and as easy as it gets.
inline Sample draw_disc(uint64_t index, int width, int height)
{
	const at::Tensor y = at::arange(height, at::kFloat).div(height).view({-1, 1});
	const at::Tensor x = at::arange(width, at::kFloat).div(width).view({1, -1});
	const double centre = 0.35 + 0.3 * static_cast<double>(index % 7) / 7;
	const at::Tensor distance = ((x - centre).square() + (y - 0.5).square()).sqrt();
	const at::Tensor alpha = ((0.3 - distance) * 20 + 0.5).clamp(0, 1).unsqueeze(0);
	const at::Tensor background = at::stack({0.2 + 0.3 * x + 0 * y, 0.6 - 0.3 * y + 0 * x, 0.3 + 0.2 * x * y});
	const at::Tensor colour = torch::tensor({0.9f, 0.5f, 0.1f}).view({3, 1, 1}).expand_as(background);
	return {colour * alpha + background * (1 - alpha), background, alpha, colour * alpha.gt(0)};
}

inline Samples stacked(const std::vector<Sample> &samples, int stride)
{
	const auto all = [&](at::Tensor Sample::*member) {
		std::vector<at::Tensor> pictures;
		for (const Sample &sample : samples)
			pictures.push_back(sample.*member);
		return at::stack(pictures)
			.slice(2, 0, at::nullopt, stride)
			.slice(3, 0, at::nullopt, stride)
			.contiguous(at::MemoryFormat::ChannelsLast);
	};
	return {all(&Sample::source), all(&Sample::background), all(&Sample::alpha), all(&Sample::foreground)};
}

inline Samples draw_discs(uint64_t first, const Crops &crops)
{
	std::vector<Sample> samples;
	for (size_t i = 0; i < crops.frame_heights.size(); i++)
		samples.push_back(draw_disc(first + i, crops.width, crops.height));
	return stacked(samples, crops.stride);
}

inline torch::jit::Module fresh_network()
{
	torch::jit::Module network = make_network(Backbone::mobilenetv2);
	initialise(network, 1);
	return network;
}

inline TrainingPlan plan_of(std::vector<Stage> stages, int64_t steps)
{
	return {.stages = std::move(stages), .steps = steps};
}

inline const BatchPlan small_pictures{
	.width = 64, .height = 64, .batch = 4, .scales = {1}, .least_frame_height = 64, .greatest_frame_height = 128};

inline std::vector<double> losses(Trainer &trainer, int steps)
{
	std::vector<double> all;
	for (int i = 0; i < steps && !trainer.is_done(); i++)
		all.push_back(trainer.step().loss);
	return all;
}

} // namespace matting::training
