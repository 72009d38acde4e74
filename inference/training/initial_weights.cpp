// SPDX-License-Identifier: GPL-2.0-or-later
// What a training begins with.
#include "learner.hpp"

#include <cmath>

#include <ATen/CPUGeneratorImpl.h>

namespace matting::training {
namespace {

constexpr int hidden_channels = 32; // that the refiner is given before alpha and foreground

void fill_normal(const at::Tensor &tensor, double deviation, at::Generator &random)
{
	at::Tensor(tensor).copy_(at::randn(tensor.sizes(), random) * deviation);
}

// He et al. 2015, for what follows rectifiers; by the number of inputs.
double deviation_for(const at::Tensor &weight)
{
	return std::sqrt(2.0 / static_cast<double>(weight.numel() / weight.size(0)));
}

// Channel `out` becomes sign * channel `in`.
void pass(const at::Tensor &weight, int out, int in, double sign)
{
	weight[out].zero_();
	weight[out][in][1][1] = sign;
}

// The first half of the filters sees the difference of the two pictures, some the source and some the background alone.
void detect_differences(const at::Tensor &weight)
{
	const int64_t filters = weight.size(0);
	const auto source = weight.slice(1, 0, 3), background = weight.slice(1, 3, 6);
	background.slice(0, 0, filters / 2).copy_(-source.slice(0, 0, filters / 2));
	background.slice(0, filters / 2, filters * 5 / 8).zero_();
	source.slice(0, filters * 5 / 8, filters * 3 / 4).zero_();
}

} // namespace

at::Device device_of(const torch::jit::Module &network)
{
	return (*network.parameters().begin()).device();
}

torch::jit::Module copy_network(const torch::jit::Module &network)
{
	const StateDict weights = state_dict(network);
	torch::jit::Module copy = make_network(recognise_backbone(weights));
	load_state_dict(copy, weights);
	copy.to(device_of(network));
	return copy;
}

void initialise(torch::jit::Module &network, uint64_t seed)
{
	const torch::NoGradGuard no_grad;
	at::Generator random = at::make_generator<at::CPUGeneratorImpl>(seed);
	const StateDict weights = state_dict(network);
	for (const auto &[name, tensor] : weights)
		if (tensor.dim() == 4)
			fill_normal(tensor, deviation_for(tensor), random);
	for (const char *first : {"backbone.features.0.0.weight", "backbone.conv1.weight"})
		if (weights.contains(first))
			detect_differences(weights.at(first));
	constexpr double mean_alpha = 0.3, mean_error = 0.1;
	weights.at("decoder.conv4.weight").slice(0, 0, 5).mul_(0.3);
	weights.at("decoder.conv4.bias")[0] = mean_alpha;
	weights.at("decoder.conv4.bias")[4] = mean_error;
	make_pass_through(network, seed + 1);
}

// Alpha goes through in one channel, for it is never negative; each foreground residual in two, one for either sign.
void make_pass_through(torch::jit::Module &network, uint64_t seed)
{
	const torch::NoGradGuard no_grad;
	at::Generator random = at::make_generator<at::CPUGeneratorImpl>(seed);
	const StateDict weights = state_dict(network);
	constexpr int through = 7;
	for (const int layer : {1, 2, 3}) {
		const auto number = std::to_string(layer);
		const at::Tensor weight = weights.at("refiner.conv" + number + ".weight");
		fill_normal(weight, deviation_for(weight), random);
		for (int i = 0; i < through; i++) {
			const int first_in = layer == 1 ? hidden_channels + (i + 1) / 2 : i;
			pass(weight, i, first_in, layer == 1 && i > 0 && i % 2 == 0 ? -1 : 1);
		}
		weights.at("refiner.bn" + number + ".weight").fill_(1);
		weights.at("refiner.bn" + number + ".bias").zero_();
		weights.at("refiner.bn" + number + ".running_mean").zero_();
		weights.at("refiner.bn" + number + ".running_var").fill_(1 - 1e-5); // the norm adds 1e-5
	}
	const at::Tensor last = weights.at("refiner.conv4.weight");
	last.zero_();
	weights.at("refiner.conv4.bias").zero_();
	last[0][0][1][1] = 1;
	for (int colour = 0; colour < 3; colour++) {
		last[1 + colour][1 + 2 * colour][1][1] = 1;
		last[1 + colour][2 + 2 * colour][1][1] = -1;
	}
}

bool refiner_is_untrained(const torch::jit::Module &network)
{
	constexpr int64_t passing = 1 + 2 * 3;
	return state_dict(network).at("refiner.conv4.weight").count_nonzero().item<int64_t>() <= passing;
}

} // namespace matting::training
