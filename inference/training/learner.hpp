// SPDX-License-Identifier: GPL-2.0-or-later
// The network that `export` writes, as something that learns.
#pragma once

#include "batches.hpp"

#include "inference/model/network.hpp"

#include <array>
#include <deque>

namespace matting::training {

/// What learns, and on what. See README, "How the bundled model is trained".
enum class Lesson {
	coarse,  ///< the coarse network, on pictures of the coarse size
	tuning,  ///< the same with the statistics of its batch norms as they are
	refiner, ///< the refiner, on patches of pictures of the full size
};

/// By how much an exercise was missed; the loss has gradients.
struct Lecture {
	at::Tensor loss;     ///< ()
	at::Tensor error;    ///< (): mean absolute error of alpha
	at::Tensor baseline; ///< (): the same of the coarse alpha, upsampled; for the coarse lessons equal to `error`
};

/// See Note [Patches of many pictures].
struct Mixture {
	int batches = 1;           ///< so many give the refiner the patches of an exercise; 1 for the other lessons
	int patches_of_each = 400; ///< about so many
};

/// Thread-safety: none.
class Learner {
public:
	/// Takes over a module of `make_network(Backbone)`, on the device to learn on; its weights become channels-last in
	/// memory. `is_mixed`: it computes in mixed precision; weights, losses and gradients are fp32 all the same.
	explicit Learner(torch::jit::Module network, bool is_mixed = false);

	/// Sets which parts train and which evaluate.
	void begin(Lesson lesson, const Mixture &mixture);
	/// The parameters that the current lesson changes.
	const StateDict &parameters() const { return parameters_; }
	/// All weights, as `state_dict`, and those of the auxiliary head as `auxiliary.*`.
	const StateDict &weights() const { return weights_; }

	/// Divides a batch, which may be on another device, into exercises, and returns how many. For the coarse network there
	/// is one, and the pictures are of the coarse size. For the refiner they are four times as large, and there can be
	/// several; each has patches of this batch and of those before. See Note [Patches of many pictures].
	int take(const Batch &batch);
	/// `exercise` counts from 0.
	Lecture study(int exercise) const;

	const torch::jit::Module &network() const { return network_; }

private:
	struct Coarse {
		at::Tensor alpha, foreground, error, deep; // alpha and error not clamped, foreground a residual
		at::Tensor hidden;                         // for the refiner; no channels where it does not learn
	};

	// What the refiner sees of n patches, and what it should make of them.
	struct Patches {
		at::Tensor half;              // (n, 32 + 4 + 6, 8, 8): hidden, coarse alpha and foreground, pictures
		at::Tensor pictures;          // (n, 6, 8, 8): source and background, two pixels beyond the patch
		at::Tensor alpha, foreground; // (n, 1 or 3, 4, 4): the truth
		at::Tensor coarse_alpha;      // (n, 1, 4, 4)

		static constexpr auto members()
		{
			return std::array{&Patches::half, &Patches::pictures, &Patches::alpha, &Patches::foreground,
					  &Patches::coarse_alpha};
		}
	};

	Coarse coarse(const at::Tensor &source, const at::Tensor &background, bool with_hidden) const;
	at::Tensor coarse_loss(const Coarse &coarse, const Batch &batch) const;
	Patches cut(const Batch &batch) const;
	Lecture study_coarse() const;
	Patches choose(int exercise) const;
	at::Tensor refine(const Patches &patches) const;
	Lecture study_patches(const Patches &patches) const;

	torch::jit::Module network_, model_;
	bool is_mixed_;
	at::Tensor auxiliary_weight_, auxiliary_bias_; // 1x1 convolution: deep features -> alpha's logit
	StateDict weights_, parameters_;
	Lesson lesson_ = Lesson::coarse;
	Mixture mixture_;
	Batch batch_;                 // what has been taken, for the coarse network
	std::deque<Patches> patches_; // the same for the refiner, the latest first
	int exercises_ = 1;
};

at::Device device_of(const torch::jit::Module &network);

/// A network of its own with the same weights, on the same device.
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
