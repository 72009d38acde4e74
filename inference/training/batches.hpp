// SPDX-License-Identifier: GPL-2.0-or-later
// Batches of training examples, made ahead by threads of their own, in a fixed order.
#pragma once

#include "inference/training/drawing/generator.hpp"

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace matting::training {

struct Batch : Samples {
	double seconds = 0; ///< that drawing it took one thread
};

/// As `Generator::make`; called from several threads at once.
using SampleSource = std::function<Samples(uint64_t first, const Crops &crops)>;

/// Which samples a stage of the training takes.
struct BatchPlan {
	int width = 128, height = 128; ///< of a sample
	int batch = 8;
	/// Samples of one batch after the other are so many times as large, their frames, too; multiples of 16 come of it.
	std::vector<double> scales{1};
	/// Frames are this high, in pixels of the sample; drawn for each sample, evenly on a logarithmic scale.
	double least_frame_height = 96, greatest_frame_height = 300;
	int stride = 1; ///< samples are drawn so many times as large; of their pixels and rows one in so many is kept
	uint64_t first_sample = 0;
};

/// "320x192", or "320x192 to 640x384".
std::string sizes_text(const BatchPlan &plan);

/// Batch `number` of a plan is always the same: samples first_sample + number * batch and on.
Batch make_batch(const SampleSource &source, const BatchPlan &plan, uint64_t number);

/// Delivers batches 0, 1, 2, ... of a plan. Thread-safety: `next` from one thread.
class BatchStream {
public:
	/// `workers`: threads that draw. More keep more pictures in the generator's memory at a time. On a card they work beside
	/// whoever calls `next`.
	BatchStream(SampleSource source, const BatchPlan &plan, int workers, at::Device device = at::kCPU);
	~BatchStream(); ///< waits for the samples that are being made

	/// Blocks until the next batch is there. Throws what the source threw.
	Batch next();

private:
	void work();

	SampleSource source_;
	BatchPlan plan_;
	at::Device device_;
	uint64_t batches_ahead_;
	std::mutex mutex_;
	std::condition_variable changed_;
	uint64_t started_ = 0, delivered_ = 0; // batches
	std::map<uint64_t, Batch> ready_;
	std::exception_ptr error_;
	bool stopping_ = false;
	std::vector<std::jthread> workers_; // the last: they use the others
};

} // namespace matting::training
