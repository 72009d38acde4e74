// SPDX-License-Identifier: GPL-2.0-or-later
#include "trainer.hpp"

#include "streams.hpp"

#include "inference/matting.hpp"

#include <chrono>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace matting::training {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin)
{
	return std::chrono::duration<double>(Clock::now() - begin).count();
}

// On the CPU the network needs the others. On a card both compose beside it: one alone is slower than the network, it is
// reckoned.
constexpr int drawing_threads = 2;
// A card's first steps are many times as long: libraries are loaded, and make their plans for each size.
constexpr int unsteady_steps_of_card = 10;

} // namespace

Trainer::Trainer(torch::jit::Module network, const TrainingPlan &plan, SampleSource source)
	: plan_(plan), source_(std::move(source)), learners_(network, plan.learners, plan.is_mixed),
	  average_(copy_network(network))
{
	begin_stage();
}

// What the weights have learnt stays, and what is noise goes.
void Trainer::take_average()
{
	const torch::NoGradGuard no_grad;
	const StateDict average = state_dict(average_);
	for (const auto &[name, tensor] : state_dict(learners_.network()))
		at::Tensor(tensor).copy_(average.at(name));
}

void Trainer::begin_stage()
{
	batches_.reset();
	if (is_done())
		return optimizer_.reset();
	const Stage &stage = plan_.stages[position_.stage];
	const bool goes_on = optimizer_ && stage.cosine_begin > 0;
	if (!goes_on)
		take_average();
	learners_.begin(stage.lesson, stage.mixture);
	to_collect_ = stage.mixture.batches - 1;
	position_.samples += static_cast<uint64_t>(to_collect_ * stage.batches.batch);
	if (!goes_on)
		optimizer_.emplace(learners_.parameters(), stage.method, stage.weight_decay);
	position_.progress = 0;
	position_.stage_steps = 0;
	position_.stage_seconds = 0;
	position_.moments_since = -1;
	measured_seconds_ = position_.seconds;
	measured_steps_ = position_.steps;
	steady_ = device_of(learners_.network()).is_cpu() ? 0 : -unsteady_steps_of_card;
	double share = 0; // of all stages up to this one
	for (size_t i = 0; i <= position_.stage; i++)
		share += plan_.stages[i].share;
	const auto all = static_cast<double>(plan_.steps);
	const double steps = std::round(share * all) - std::round((share - stage.share) * all);
	position_.progress_each = plan_.steps > 0 ? 1 / std::max(1.0, steps) : 0;
}

double Trainer::learning_rate() const
{
	constexpr double warm_up = 0.05, least = 0.02;
	const Stage &stage = plan_.stages[position_.stage];
	const double at = std::lerp(stage.cosine_begin, stage.cosine_end, std::min(1.0, position_.progress));
	const double cosine = least + (1 - least) * 0.5 * (1 + std::cos(std::numbers::pi * at));
	const bool has_moments = stage.cosine_begin > 0 && position_.moments_since < 0; // of the stage before
	const double warmth =
		has_moments ? 1
			    : (position_.progress - std::max(0.0, position_.moments_since) + position_.progress_each) /
				      warm_up;
	return stage.learning_rate * cosine * std::min(1.0, warmth);
}

bool Trainer::collect()
{
	const auto begin = Clock::now();
	if (!batches_) {
		BatchPlan batches = plan_.stages.at(position_.stage).batches;
		batches.first_sample = position_.samples - static_cast<uint64_t>(to_collect_ * batches.batch);
		batches_ = std::make_unique<BatchStream>(source_, batches, drawing_threads,
							 device_of(learners_.network()));
	}
	if (to_collect_ == 0)
		return false;
	learners_.take(batches_->next());
	to_collect_--;
	const double seconds = seconds_since(begin);
	position_.seconds += seconds;
	position_.stage_seconds += seconds;
	measured_seconds_ += seconds; // steps take as long as they do without
	return true;
}

StepReport Trainer::step()
{
	while (collect()) {
	}
	finish_here(device_of(learners_.network())); // or what the last step has left would count as waiting for data
	const auto begin = Clock::now();
	const Stage &stage = plan_.stages.at(position_.stage);
	const Batch batch = batches_->next();
	StepReport report{.learning_rate = learning_rate(),
			  .waited = seconds_since(begin),
			  .drawn = batch.seconds / drawing_threads,
			  .samples = stage.batches.batch};

	const int exercises = learners_.take(batch);
	for (int i = 0; i < exercises; i++)
		exercise(i, exercises, report);

	// At first the average follows fast, so that it does not remember what the training began with.
	const auto steps = static_cast<double>(position_.steps);
	update_average(state_dict(average_), state_dict(learners_.network()),
		       std::min(std::pow(plan_.average_decay, exercises), (1 + steps) / (10 + steps)));
	report.seconds = seconds_since(begin);
	advance(report);
	return report;
}

// `report` gets its share of the means of all.
void Trainer::exercise(int number, int count, StepReport &report)
{
	const Lecture lecture = learners_.study(number);
	const auto loss = lecture.loss.item<double>();
	if (!std::isfinite(loss))
		throw Error(
			fmt::format("the training has failed: the loss of step {} is not a number; the last checkpoint "
				    "is as it was",
				    position_.steps + 1));
	constexpr double greatest_norm = 2;
	const double norm = optimizer_->step(report.learning_rate, greatest_norm);
	constexpr int bearable = 20;
	spoilt_ = std::isfinite(norm) ? 0 : spoilt_ + 1;
	if (spoilt_ > bearable)
		throw Error(fmt::format(
			"the training has failed: the gradients of the last {} steps are not numbers; the last "
			"checkpoint is as it was",
			spoilt_));
	report.gradient_norm += norm / count;
	report.loss += loss / count;
	report.error += lecture.error.item<double>() / count;
	report.baseline += lecture.baseline.item<double>() / count;
	learners_.follow();
}

double Trainer::foreseen_seconds(const Stage &stage) const
{
	return stage.share * plan_.seconds;
}

void Trainer::advance(const StepReport &report)
{
	position_.steps++;
	position_.stage_steps++;
	position_.samples += static_cast<uint64_t>(report.samples);
	position_.seconds += report.seconds;
	position_.stage_seconds += report.seconds;
	position_.progress += position_.progress_each;
	const Stage &stage = plan_.stages[position_.stage];
	constexpr int64_t measure_every = 20;
	steady_++;
	const bool is_early = steady_ == 1 || steady_ == 5; // until then the rate is 0
	if (steady_ <= 0) {
		measured_seconds_ = position_.seconds;
		measured_steps_ = position_.steps;
	} else if (plan_.seconds > 0 && (is_early || position_.stage_steps % measure_every == 0)) {
		// By the latest speed: the machine may have been busy with something else before.
		const double left = foreseen_seconds(stage) - position_.stage_seconds;
		const double each = (position_.seconds - measured_seconds_) /
				    static_cast<double>(position_.steps - measured_steps_);
		position_.progress_each = (1 - position_.progress) / std::max(1.0, left / each);
		measured_seconds_ = position_.seconds;
		measured_steps_ = position_.steps;
	}
	constexpr double rounding = 1e-9;
	if (position_.progress >= 1 - rounding) {
		position_.steps_by_stage.push_back(position_.stage_steps);
		position_.stage++;
		begin_stage();
	}
}

double Trainer::progress() const
{
	return is_done() ? 1 : position_.progress;
}

double Trainer::seconds_left() const
{
	if (is_done() || position_.steps == 0)
		return 0;
	const double each = position_.seconds / static_cast<double>(position_.steps);
	const auto whole = [&](const Stage &stage) {
		return plan_.seconds > 0 ? foreseen_seconds(stage)
					 : stage.share * static_cast<double>(plan_.steps) * each;
	};
	const double current = whole(plan_.stages[position_.stage]);
	double left = plan_.seconds > 0 ? std::max(0.0, current - position_.stage_seconds)
					: (1 - position_.progress) * current;
	for (size_t i = position_.stage + 1; i < plan_.stages.size(); i++)
		left += whole(plan_.stages[i]);
	return left;
}

} // namespace matting::training
