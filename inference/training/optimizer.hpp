// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/network.hpp"

#include <string>
#include <vector>

namespace matting::training {

/// AdamW (Loshchilov and Hutter 2019), betas 0.9 and 0.99, after clipping the norm of all gradients together.
/// Thread-safety: none.
class AdamW {
public:
	/// Changes the tensors of `parameters` in place.
	AdamW(StateDict parameters, double weight_decay);

	/// Returns the norm of the gradients before it was clipped to `greatest_norm`.
	double step(double learning_rate, double greatest_norm);

	/// All that a step depends on besides weights and gradients, by names that begin with `optimizer.`. They share
	/// memory with this.
	StateDict state() const;

private:
	std::vector<std::string> names_;
	std::vector<at::Tensor> parameters_, means_, squares_, steps_;
	double weight_decay_;
};

/// Moves every floating tensor of `average` towards the one of the same name in `weights`, by 1 - decay; copies others.
void update_average(const StateDict &average, const StateDict &weights, double decay);

} // namespace matting::training
