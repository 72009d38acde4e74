// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/model/network.hpp"

#include <string>
#include <vector>

namespace matting::training {

/// How the weights of convolutions change; all other parameters always by AdamW.
enum class Method {
	adamw, ///< Loshchilov and Hutter 2019; betas 0.9 and 0.99
	/// Jordan et al. 2024; momentum 0.95. The rate is that of the convolutions, the others get a fifth of it. With it the
	/// refiner learns in one minute more than by AdamW in ten.
	muon,
};

/// Clips the norm of all gradients together, then changes the parameters. Thread-safety: none.
class Optimizer {
public:
	/// Changes the tensors of `parameters` in place. `weight_decay`, times the rate, is of all with
	/// AdamW, and of the convolutions with Muon.
	Optimizer(const StateDict &parameters, Method method, double weight_decay);

	/// Returns the norm of the gradients before it was clipped to `greatest_norm`.
	double step(double learning_rate, double greatest_norm);

	/// All that a step depends on besides weights and gradients, by names that begin with `optimizer.`. They share
	/// memory with this.
	StateDict state() const;

private:
	struct Adaptive {
		std::string name;
		at::Tensor parameter, mean, square, steps;
	};
	struct Matrix {
		std::string name;
		at::Tensor parameter, momentum;
	};

	void step_adaptive(double learning_rate);
	void step_matrices(double learning_rate);

	std::vector<Adaptive> adaptive_;
	std::vector<Matrix> matrices_;
	double weight_decay_;
};

/// Moves every floating tensor of `average` towards the one of the same name in `weights`, by 1 - decay; copies others.
void update_average(const StateDict &average, const StateDict &weights, double decay);

} // namespace matting::training
