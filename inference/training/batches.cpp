// SPDX-License-Identifier: GPL-2.0-or-later
#include "batches.hpp"

#include "streams.hpp"

#include "inference/training/drawing/random.hpp"
#include "inference/training/drawing/threads.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <torch/script.h>

namespace matting::training {
namespace {

// A batch has one scale, on whichever batch a training goes on.
double scale_of(const BatchPlan &plan, uint64_t first_sample)
{
	return plan.scales.at(first_sample / static_cast<uint64_t>(plan.batch) % plan.scales.size());
}

double frame_height(const BatchPlan &plan, uint64_t sample)
{
	constexpr uint64_t stream = 0x6865696768; // not one of the generator's
	return Random(sample, stream).log_between(plan.least_frame_height, plan.greatest_frame_height);
}

} // namespace

std::string sizes_text(const BatchPlan &plan)
{
	const auto [least, greatest] = std::minmax_element(plan.scales.begin(), plan.scales.end());
	const auto text = [&](double scale) {
		return fmt::format("{:.0f}x{:.0f}", scale * plan.width, scale * plan.height);
	};
	return *least == *greatest ? text(*least) : fmt::format("{} to {}", text(*least), text(*greatest));
}

Batch make_batch(const SampleSource &source, const BatchPlan &plan, uint64_t number)
{
	const torch::NoGradGuard no_grad;
	const uint64_t first = plan.first_sample + number * static_cast<uint64_t>(plan.batch);
	const double scale = plan.stride * scale_of(plan, first);
	Crops crops{.width = static_cast<int>(scale * plan.width),
		    .height = static_cast<int>(scale * plan.height),
		    .stride = plan.stride};
	for (uint64_t index = first; index < first + static_cast<uint64_t>(plan.batch); index++)
		crops.frame_heights.push_back(scale * frame_height(plan, index));
	return {source(first, crops)};
}

BatchStream::BatchStream(SampleSource source, const BatchPlan &plan, int workers, at::Device device)
	: source_(std::move(source)), plan_(plan), device_(device), batches_ahead_(2 * static_cast<uint64_t>(workers))
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
	const OwnStream stream(device_);
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
			stream.finish();
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
	for (const at::Tensor &pictures : {batch.source, batch.background, batch.alpha, batch.foreground})
		use_here(pictures);
	return batch;
}

} // namespace matting::training
