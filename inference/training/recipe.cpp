// SPDX-License-Identifier: GPL-2.0-or-later
#include "recipe.hpp"

#include <algorithm>

namespace matting::training {
namespace {

// Note [Aliasing]
// The network downsamples to a quarter by bilinear interpolation, which takes the mean of 2x2 pixels out of each 4x4. What
// it makes of fine patterns depends on where exactly they lie: tiles that have moved by half a pixel between plate and frame
// differ much. Pictures drawn small have no such differences, and what had learnt from them saw people in patterned walls.
// So they are drawn with twice the lines, where a pixel is such a mean, and one pixel of 2x2 is taken.

// Note [Wide pictures]
// The outer taps of the ASPP's dilated convolutions lie 18 cells of 16 pixels apart. In small square pictures, no cell ever has
// both inside; in wide frames most have, and what had learnt from squares only saw people there, where nothing had changed.
// Not so the refiner's: of small pictures the coarse network makes more mistakes, and what has learnt to mend those mends more
// of real edges, too (35 % of their error; after whole frames of 1280x768 27 %).

// Frames from 720 to 1080 lines, at a quarter, and some smaller or larger; the largest show a part of the frame only.
BatchPlan coarse_pictures(int width, int height, int batch)
{
	return {.width = width,
		.height = height,
		.batch = batch,
		.least_frame_height = 0.75 * height,
		.greatest_frame_height = std::max(2.1 * height, 300.0),
		.stride = 2};
}

// Steps of Muon are as long as the rate, whatever the weights are. Without a decay these grow, until the steps are too short.
constexpr double muon_decay = 0.2;

Stage refiner_stage(double share, double rate)
{
	const BatchPlan pictures{
		.width = 384, .height = 384, .batch = 16, .least_frame_height = 620, .greatest_frame_height = 1250};
	constexpr Mixture mixture{.batches = 128}; // 1.4 GB
	return {Lesson::refiner, pictures, share, rate, Method::muon, 0, 1, muon_decay, mixture};
}

// Of what is good already.
Stage tuning_stage(double share, double rate)
{
	BatchPlan pictures = coarse_pictures(320, 192, 2);
	pictures.scales = {1, 1.5, 2};
	return {Lesson::tuning, pictures, share, rate, Method::adamw, 0, 1, 0};
}

} // namespace

TrainingPlan whole_recipe()
{
	constexpr double rate = 1.5e-3, decay = 1e-4;
	return {.stages = {{Lesson::coarse, coarse_pictures(128, 128, 8), 0.35, rate, Method::adamw, 0, 0.55, decay},
			   {Lesson::coarse, coarse_pictures(320, 192, 4), 0.35, rate, Method::adamw, 0.55, 1, decay},
			   refiner_stage(0.3, 0.025)}};
}

TrainingPlan tuning_recipe()
{
	return {.stages = {tuning_stage(0.6, 1.2e-4), refiner_stage(0.4, 0.01)}};
}

void keep_part(TrainingPlan &plan, bool refiner)
{
	std::erase_if(plan.stages, [&](const Stage &stage) { return (stage.lesson == Lesson::refiner) != refiner; });
	double sum = 0;
	for (const Stage &stage : plan.stages)
		sum += stage.share;
	for (Stage &stage : plan.stages)
		stage.share /= sum;
}

// Note [Large batches]
// A card takes the batches of a processor so fast that it waits for the next command most of the time. It takes eight times
// as much in hardly more time. Their gradients are steadier, and Adam's steps may be longer, by less than the root of
// that. Muon's steps have the length that they have. The refiner's exercises are as many as before, of more patches, from
// as many pictures in all. None of this has been measured on a card yet.
void fit_card(TrainingPlan &plan)
{
	constexpr int more = 8;
	constexpr double longer = 2;
	plan.learners = 1;
	plan.is_mixed = true;
	for (Stage &stage : plan.stages) {
		stage.batches.batch *= more;
		stage.mixture = {std::max(1, stage.mixture.batches / more), stage.mixture.patches_of_each * more};
		if (stage.method == Method::adamw)
			stage.learning_rate *= longer;
	}
}

void set_length(TrainingPlan &plan, int64_t steps, double seconds)
{
	plan.steps = steps;
	plan.seconds = seconds;
	constexpr double each = 4; // steps or seconds; to collect a batch takes two cores half a second, or half a step
	const double length = steps > 0 ? static_cast<double>(steps) : seconds;
	for (Stage &stage : plan.stages)
		stage.mixture.batches =
			std::clamp(static_cast<int>(stage.share * length / each), 1, stage.mixture.batches);
}

} // namespace matting::training
