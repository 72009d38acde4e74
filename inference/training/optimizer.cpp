// SPDX-License-Identifier: GPL-2.0-or-later
#include "optimizer.hpp"

#include <cmath>

#include <torch/script.h>

namespace matting::training {

namespace {

// The nearest matrix whose rows (or columns) are orthonormal, roughly: five Newton-Schulz steps, with Jordan's coefficients.
at::Tensor orthogonalised(const at::Tensor &matrix)
{
	constexpr int iterations = 5;
	at::Tensor x = matrix / (matrix.norm() + 1e-7);
	const bool is_tall = x.size(0) > x.size(1);
	if (is_tall)
		x = x.t();
	for (int i = 0; i < iterations; i++) {
		const at::Tensor square = x.mm(x.t());
		x = 3.4445 * x + (-4.7750 * square + 2.0315 * square.mm(square)).mm(x);
	}
	return is_tall ? x.t() : x;
}

} // namespace

Optimizer::Optimizer(const StateDict &parameters, Method method, double weight_decay) : weight_decay_(weight_decay)
{
	for (const auto &[name, parameter] : parameters) {
		const at::Tensor nothing = at::zeros_like(parameter.detach());
		if (method == Method::muon && parameter.dim() == 4)
			matrices_.push_back({name, parameter, nothing});
		else
			adaptive_.push_back(
				{name, parameter, nothing, nothing.clone(), at::zeros({}, nothing.options())});
	}
}

double Optimizer::step(double learning_rate, double greatest_norm)
{
	const torch::NoGradGuard no_grad;
	std::vector<at::Tensor> gradients;
	const auto collect = [&gradients](const auto &entries) {
		for (const auto &entry : entries)
			if (entry.parameter.grad().defined())
				gradients.push_back(entry.parameter.grad());
	};
	collect(adaptive_);
	collect(matrices_);
	const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
	if (!std::isfinite(norm))
		return norm; // such a step would spoil all weights for good
	if (norm > greatest_norm)
		at::_foreach_mul_(gradients, greatest_norm / norm);
	constexpr double share_of_others = 0.2;
	step_adaptive(matrices_.empty() ? learning_rate : share_of_others * learning_rate);
	step_matrices(learning_rate);
	return norm;
}

void Optimizer::step_adaptive(double learning_rate)
{
	std::vector<at::Tensor> parameters, gradients, means, squares, steps;
	for (const Adaptive &entry : adaptive_) {
		if (!entry.parameter.grad().defined())
			continue;
		parameters.push_back(entry.parameter);
		gradients.push_back(entry.parameter.grad());
		means.push_back(entry.mean);
		squares.push_back(entry.square);
		steps.push_back(entry.steps);
	}
	at::_foreach_add_(steps, 1);
	constexpr double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8;
	at::_fused_adamw_(parameters, gradients, means, squares, /*max_exp_avg_sqs=*/{}, steps, learning_rate, beta1,
			  beta2, matrices_.empty() ? weight_decay_ : 0, epsilon, /*amsgrad=*/false, /*maximize=*/false);
}

void Optimizer::step_matrices(double learning_rate)
{
	constexpr double momentum = 0.95;
	for (const Matrix &entry : matrices_) {
		const at::Tensor gradient = entry.parameter.grad();
		if (!gradient.defined())
			continue;
		at::Tensor(entry.momentum).mul_(momentum).add_(gradient);
		const at::Tensor ahead = (gradient + momentum * entry.momentum).flatten(1); // Nesterov's
		at::Tensor(entry.parameter)
			.mul_(1 - learning_rate * weight_decay_)
			.sub_(orthogonalised(ahead).reshape(entry.parameter.sizes()), learning_rate);
	}
}

StateDict Optimizer::state() const
{
	StateDict state;
	for (const Adaptive &entry : adaptive_) {
		state.emplace("optimizer.mean." + entry.name, entry.mean);
		state.emplace("optimizer.square." + entry.name, entry.square);
		state.emplace("optimizer.steps." + entry.name, entry.steps);
	}
	for (const Matrix &entry : matrices_)
		state.emplace("optimizer.momentum." + entry.name, entry.momentum);
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
