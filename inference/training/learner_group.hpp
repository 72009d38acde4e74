// SPDX-License-Identifier: GPL-2.0-or-later
// Learners that share a batch: data parallelism within one process.
#pragma once

#include "learner.hpp"

#include <vector>

namespace matting::training {

/// Note [Learners side by side]
/// The network has many small layers. Threads that share each of them wait for each other after each, the longer the more
/// else runs on the machine. So each thread has a learner and a part of the batch to itself, and they meet once an exercise.
/// The result depends on how many learners there are, but, except for rounding, not on the number of threads.
/// Thread-safety: none.
class LearnerGroup {
public:
	/// As `Learner`.
	LearnerGroup(const torch::jit::Module &network, int count, bool is_mixed);

	void begin(Lesson lesson, const Mixture &mixture);
	/// Those of the first learner, which lead.
	const StateDict &parameters() const { return learners_.front().parameters(); }
	const StateDict &weights() const { return learners_.front().weights(); }
	const torch::jit::Module &network() const { return learners_.front().network(); }

	/// As `Learner::take`; `batch` divides by the number of learners.
	int take(const Batch &batch);
	/// Leaves the gradients of the mean loss in `parameters()`. The lecture is the mean of all and has no gradients.
	Lecture study(int exercise);
	/// After a step has changed the leading weights: all learners get them, and the mean of the batch norms' statistics.
	void follow();
	/// All learners get the leading weights and statistics.
	void align();

private:
	void average_gradients();

	std::vector<Learner> learners_;
};

} // namespace matting::training
