// SPDX-License-Identifier: GPL-2.0-or-later
// A whole training: stages, schedule, weights, their average, and files to go on from.
#pragma once

#include "learner_group.hpp"
#include "optimizer.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace matting::training {

struct Stage {
	Lesson lesson = Lesson::coarse;
	BatchPlan batches;
	double share = 1; ///< of the whole training
	double learning_rate = 1e-3;
	Method method = Method::adamw;
	/// The part of the cosine that the rate follows here: 0 its peak, 1 its end. Stages can share one.
	double cosine_begin = 0, cosine_end = 1;
	double weight_decay = 0;
	Mixture mixture;
};

struct TrainingPlan {
	std::vector<Stage> stages;
	/// One of them is not 0. By steps, a training is the same to the last bit whether it was interrupted or not; by
	/// time, the number of steps is foreseen anew again and again.
	int64_t steps = 0;
	double seconds = 0;
	double average_decay = 0.998;    ///< each exercise; weights some hundred apart err in other places
	uint64_t seed = 0;               ///< of the pictures
	int learners = 2;                ///< see Note [Learners side by side]; every batch divides by it
	bool is_mixed = false;           ///< mixed precision
	bool saves_average_only = false; ///< see Note [Small checkpoints]
	std::string origin;              ///< of the weights that it begins with, for the model's card
};

/// How far it is. All that the schedule depends on, besides the plan.
struct Position {
	size_t stage = 0;
	double progress = 0;      ///< of the stage, 0..1
	double progress_each = 0; ///< step
	int64_t stage_steps = 0, steps = 0;
	uint64_t samples = 0;
	double stage_seconds = 0, seconds = 0;
	double moments_since = -1; ///< the progress of the stage when the optimizer lost its moments; -1: it has not
	std::vector<int64_t> steps_by_stage; ///< of those that are done
};

struct StepReport {
	double loss = 0, error = 0, baseline = 0; ///< see `Lecture`; means of the exercises
	double gradient_norm = 0, learning_rate = 0;
	double seconds = 0, waited = 0; ///< for the step, and for its data
	double drawn = 0;               ///< seconds that drawing its data took all threads that draw
	int samples = 0;
};

/// Thread-safety: none.
class Trainer {
public:
	/// `network` is of `make_network(Backbone)`, on the device to train on, its weights those to begin with.
	Trainer(torch::jit::Module network, const TrainingPlan &plan, SampleSource source);

	/// Goes on from a file of `save`. `seconds`, if given, is the new length of the whole training.
	/// Throws Error: the file is not one; it has no length in time, or is at its end.
	static std::unique_ptr<Trainer> resume(const std::filesystem::path &path, SampleSource source,
					       std::optional<double> seconds, at::Device device = at::kCPU);

	bool is_done() const { return position_.stage >= plan_.stages.size(); }
	/// Takes one of the batches that the exercises mix with that of the next step; false: there is none to take. At the
	/// begin of a stage and after `resume` there are many.
	bool collect();
	int batches_to_collect() const { return to_collect_; }
	/// All exercises of one batch, after collecting what there is to collect. Throws Error if a loss is not finite; the
	/// average is then as before the step.
	StepReport step();

	/// Whole or not at all, as `write_in_parts`. Throws Error.
	void save(const std::filesystem::path &path) const;

	const TrainingPlan &plan() const { return plan_; }
	const Position &position() const { return position_; }
	/// Of the current stage; 0..1.
	double progress() const;
	double seconds_left() const;

	/// The moving average of the weights: what is validated and kept. In evaluation mode, attributes at their defaults.
	const torch::jit::Module &average() const { return average_; }

private:
	void begin_stage();
	void take_average();
	void exercise(int number, int count, StepReport &report);
	void advance(const StepReport &report);
	double learning_rate() const;
	double foreseen_seconds(const Stage &stage) const;
	StateDict state() const;

	TrainingPlan plan_;
	SampleSource source_;
	Position position_;
	double measured_seconds_ = 0; // when the speed was last measured
	int64_t measured_steps_ = 0;
	int to_collect_ = 0;
	int64_t steady_ =
		0;       // steps of the stage since their speed says something of that of the others; up to 0: none yet
	int spoilt_ = 0; // steps in a row without finite gradients
	LearnerGroup learners_;
	torch::jit::Module average_;
	std::optional<Optimizer> optimizer_;
	std::unique_ptr<BatchStream> batches_;
};

} // namespace matting::training
