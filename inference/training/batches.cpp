// SPDX-License-Identifier: GPL-2.0-or-later
#include "batches.hpp"

#include "threads.hpp"

#include "inference/training/drawing/random.hpp"

#include <chrono>

#include <torch/script.h>

namespace matting::training {
namespace {

double frame_height(const BatchPlan &plan, uint64_t sample)
{
	constexpr uint64_t stream = 0x6865696768; // not one of the generator's
	return Random(sample, stream).log_between(plan.least_frame_height, plan.greatest_frame_height);
}

at::Tensor stack(const std::vector<at::Tensor> &planes, int stride)
{
	return at::stack(planes)
		.slice(2, 0, at::nullopt, stride)
		.slice(3, 0, at::nullopt, stride)
		.contiguous(at::MemoryFormat::ChannelsLast);
}

} // namespace

Batch make_batch(const SampleSource &source, const BatchPlan &plan, uint64_t number)
{
	const torch::NoGradGuard no_grad;
	std::vector<at::Tensor> sources, backgrounds, alphas, foregrounds;
	for (int i = 0; i < plan.batch; i++) {
		const uint64_t index = plan.first_sample + number * static_cast<uint64_t>(plan.batch) + i;
		Sample sample = source(index, {plan.stride * plan.width, plan.stride * plan.height,
					       plan.stride * frame_height(plan, index)});
		sources.push_back(std::move(sample.source));
		backgrounds.push_back(std::move(sample.background));
		alphas.push_back(std::move(sample.alpha));
		foregrounds.push_back(std::move(sample.foreground));
	}
	return {stack(sources, plan.stride), stack(backgrounds, plan.stride), stack(alphas, plan.stride),
		stack(foregrounds, plan.stride), 0};
}

BatchStream::BatchStream(SampleSource source, const BatchPlan &plan, int workers)
	: source_(std::move(source)), plan_(plan), batches_ahead_(2 * static_cast<uint64_t>(workers))
{
	for (int i = 0; i < workers; i++)
		workers_.emplace_back([this] { work(); });
}

BatchStream::~BatchStream()
{
	const std::lock_guard lock(mutex_);
	stopping_ = true;
	changed_.notify_all();
}

void BatchStream::work()
{
	set_threads_here(1);
	while (true) {
		std::unique_lock lock(mutex_);
		changed_.wait(lock, [this] { return stopping_ || error_ || started_ < delivered_ + batches_ahead_; });
		if (stopping_ || error_)
			return;
		const uint64_t number = started_++;
		lock.unlock();
		try {
			const auto begin = std::chrono::steady_clock::now();
			Batch batch = make_batch(source_, plan_, number);
			batch.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
			lock.lock();
			ready_.emplace(number, std::move(batch));
		} catch (...) {
			if (!lock.owns_lock())
				lock.lock();
			error_ = std::current_exception();
		}
		changed_.notify_all();
	}
}

Batch BatchStream::next()
{
	std::unique_lock lock(mutex_);
	changed_.wait(lock, [this] { return error_ || ready_.contains(delivered_); });
	if (error_)
		std::rethrow_exception(error_);
	Batch batch = std::move(ready_.extract(delivered_++).mapped());
	changed_.notify_all();
	return batch;
}

} // namespace matting::training
