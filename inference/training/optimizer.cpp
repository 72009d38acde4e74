// SPDX-License-Identifier: GPL-2.0-or-later
#include "optimizer.hpp"

#include <torch/script.h>

namespace matting::training {

AdamW::AdamW(StateDict parameters, double weight_decay) : weight_decay_(weight_decay)
{
	for (const auto &[name, parameter] : parameters) {
		names_.push_back(name);
		parameters_.push_back(parameter);
		means_.push_back(at::zeros_like(parameter.detach()));
		squares_.push_back(at::zeros_like(parameter.detach()));
		steps_.push_back(at::zeros({}));
	}
}

double AdamW::step(double learning_rate, double greatest_norm)
{
	const torch::NoGradGuard no_grad;
	std::vector<at::Tensor> parameters, gradients, means, squares, steps;
	for (size_t i = 0; i < parameters_.size(); i++) {
		if (!parameters_[i].grad().defined())
			continue;
		parameters.push_back(parameters_[i]);
		gradients.push_back(parameters_[i].grad());
		means.push_back(means_[i]);
		squares.push_back(squares_[i]);
		steps.push_back(steps_[i]);
	}
	const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
	if (norm > greatest_norm)
		at::_foreach_mul_(gradients, greatest_norm / norm);
	at::_foreach_add_(steps, 1);
	constexpr double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8;
	at::_fused_adamw_(parameters, gradients, means, squares, /*max_exp_avg_sqs=*/{}, steps, learning_rate, beta1,
			  beta2, weight_decay_, epsilon, /*amsgrad=*/false, /*maximize=*/false);
	return norm;
}

StateDict AdamW::state() const
{
	StateDict state;
	for (size_t i = 0; i < names_.size(); i++) {
		state.emplace("optimizer.mean." + names_[i], means_[i]);
		state.emplace("optimizer.square." + names_[i], squares_[i]);
		state.emplace("optimizer.steps." + names_[i], steps_[i]);
	}
	return state;
}

void update_average(const StateDict &average, const StateDict &weights, double decay)
{
	const torch::NoGradGuard no_grad;
	std::vector<at::Tensor> means, values;
	for (const auto &[name, mean] : average) {
		if (mean.is_floating_point()) {
			means.push_back(mean);
			values.push_back(weights.at(name));
		} else {
			at::Tensor(mean).copy_(weights.at(name));
		}
	}
	at::_foreach_lerp_(means, values, 1 - decay);
}

} // namespace matting::training
