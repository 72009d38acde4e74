// SPDX-License-Identifier: GPL-2.0-or-later
// The network that `export` writes, as something that learns.
#pragma once

#include "batches.hpp"

#include "inference/network.hpp"

namespace matting::training {

/// What learns, and on what. See README, "How the bundled model is trained".
enum class Lesson {
	coarse,   ///< the coarse network, on pictures of the coarse size
	adapting, ///< the same with the statistics of its batch norms as they are
	refiner, ///< the refiner and the hidden channels it is given, on patches at edges, on pictures of the full size
};

/// Rates at which one batch was missed; the loss has gradients.
struct Lecture {
	at::Tensor loss;     ///< ()
	at::Tensor error;    ///< (): mean absolute error of alpha; for the refiner: where it worked
	at::Tensor baseline; ///< (): the same of the coarse alpha, upsampled; for the coarse lessons equal to `error`
};

/// Thread-safety: none.
class Learner {
public:
	/// Takes over a module of `make_network(Backbone)`, whose weights become channels-last in memory.
	explicit Learner(torch::jit::Module network);

	/// Sets which parts train and which evaluate.
	void begin(Lesson lesson);
	/// The parameters that the current lesson changes.
	StateDict parameters() const;
	/// All weights, as `state_dict`, and those of the auxiliary head as `auxiliary.*`.
	StateDict weights() const;

	/// For a lesson on the coarse network the pictures are of the coarse size, else four times as large.
	Lecture study(const Batch &batch) const;

	const torch::jit::Module &network() const { return network_; }

private:
	struct Coarse {
		at::Tensor alpha, foreground, error, deep; // alpha and error not clamped, foreground a residual
		at::Tensor hidden;                         // for the refiner; undefined where the coarse network learns
	};

	Coarse coarse(const at::Tensor &source, const at::Tensor &background, bool learns) const;
	at::Tensor coarse_loss(const Coarse &coarse, const Batch &batch) const;
	Lecture study_coarse(const Batch &batch) const;
	Lecture study_patches(const Batch &batch) const;

	torch::jit::Module network_, model_;
	at::Tensor auxiliary_weight_, auxiliary_bias_; // 1x1 convolution: deep features -> alpha's logit
	Lesson lesson_ = Lesson::coarse;
};

/// A network of its own with the same weights.
torch::jit::Module copy_network(const torch::jit::Module &network);

/// Fresh weights to begin a training with. He's initialisation; the first convolution begins as a detector of differences
/// between the two pictures, the outputs begin near their means, the refiner as `make_pass_through` has it.
void initialise(torch::jit::Module &network, uint64_t seed);

/// Sets the refiner so that it gives back the coarse alpha and foreground as they are. Its other channels get small
/// random weights, so that it can learn to do more. Its batch norms become the identity.
void make_pass_through(torch::jit::Module &network, uint64_t seed);

/// Whether the refiner still only passes through.
bool refiner_is_untrained(const torch::jit::Module &network);

} // namespace matting::training
