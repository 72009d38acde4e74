// SPDX-License-Identifier: GPL-2.0-or-later
#include "learner_group.hpp"

#include "inference/training/drawing/threads.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <thread>

#include <ATen/Parallel.h>

namespace matting::training {
namespace {

// Calls work(0), work(1), ..., each on a thread, which has a share of the threads within LibTorch's operations.
void run_side_by_side(int count, const std::function<void(int)> &work)
{
	const int all = at::get_num_threads(), each = std::max(1, all / count);
	std::vector<std::exception_ptr> errors(static_cast<size_t>(count));
	const auto guarded = [&](int number) {
		try {
			work(number);
		} catch (...) {
			errors[static_cast<size_t>(number)] = std::current_exception();
		}
	};
	{
		std::vector<std::jthread> threads;
		for (int i = 1; i < count; i++)
			threads.emplace_back([&, i] {
				at::globalContext().setFlushDenormal(true);
				set_threads_here(each);
				guarded(i);
			});
		set_threads_here(each);
		guarded(0);
		set_threads_here(all);
	}
	for (const std::exception_ptr &error : errors)
		if (error)
			std::rethrow_exception(error);
}

Batch part_of(const Batch &batch, int number, int count)
{
	const auto part = [&](const at::Tensor &tensor) {
		const int64_t size = tensor.size(0) / count;
		return tensor.narrow(0, number * size, size);
	};
	return {part(batch.source), part(batch.background), part(batch.alpha), part(batch.foreground)};
}

} // namespace

LearnerGroup::LearnerGroup(const torch::jit::Module &network, int count, bool is_mixed)
{
	for (int i = 0; i < count; i++)
		learners_.emplace_back(copy_network(network), is_mixed);
}

void LearnerGroup::begin(Lesson lesson, const Mixture &mixture)
{
	for (Learner &learner : learners_)
		learner.begin(lesson, mixture);
	align();
}

int LearnerGroup::take(const Batch &batch)
{
	const auto count = static_cast<int>(learners_.size());
	std::vector<int> exercises(learners_.size());
	run_side_by_side(count, [&](int number) {
		const auto i = static_cast<size_t>(number);
		exercises[i] = learners_[i].take(part_of(batch, number, count));
	});
	return exercises.front();
}

Lecture LearnerGroup::study(int exercise)
{
	const auto count = static_cast<int>(learners_.size());
	std::vector<Lecture> lectures(learners_.size());
	run_side_by_side(count, [&](int number) {
		const Learner &learner = learners_[static_cast<size_t>(number)];
		for (const auto &[name, parameter] : learner.parameters())
			at::Tensor(parameter).mutable_grad().reset();
		Lecture lecture = learner.study(exercise);
		lecture.loss.backward();
		lectures[static_cast<size_t>(number)] = {lecture.loss.detach(), lecture.error, lecture.baseline};
	});
	average_gradients();
	Lecture mean = lectures.front();
	for (size_t i = 1; i < lectures.size(); i++)
		mean = {mean.loss + lectures[i].loss, mean.error + lectures[i].error,
			mean.baseline + lectures[i].baseline};
	return {mean.loss / count, mean.error / count, mean.baseline / count};
}

void LearnerGroup::average_gradients()
{
	const torch::NoGradGuard no_grad;
	for (size_t i = 0; i < learners_.size(); i++) {
		const StateDict &own = learners_[i].parameters(), &leading = parameters();
		for (const auto &[name, parameter] : own) {
			if (!parameter.grad().defined())
				continue;
			const at::Tensor sum = leading.at(name).grad();
			if (i > 0)
				sum.add_(parameter.grad());
			if (i + 1 == learners_.size())
				sum.div_(static_cast<double>(learners_.size()));
		}
	}
}

void LearnerGroup::follow()
{
	const torch::NoGradGuard no_grad;
	const StateDict &leading = weights();
	for (size_t i = 1; i < learners_.size(); i++) {
		const StateDict &own = learners_[i].weights();
		const auto share = 1 / static_cast<double>(i + 1); // a mean that takes in one after the other
		for (const auto &[name, tensor] : leading)
			if (name.ends_with(".running_mean") || name.ends_with(".running_var"))
				at::Tensor(tensor).lerp_(own.at(name), share);
	}
	align();
}

void LearnerGroup::align()
{
	const torch::NoGradGuard no_grad;
	const StateDict &leading = weights();
	for (size_t i = 1; i < learners_.size(); i++) {
		const StateDict &own = learners_[i].weights();
		for (const auto &[name, tensor] : leading)
			at::Tensor(own.at(name)).copy_(tensor);
	}
}

} // namespace matting::training
