// SPDX-License-Identifier: GPL-2.0-or-later
#include "recipe.hpp"

namespace matting::training {
namespace {

// Frames from 720 to 1080 lines, at a quarter, and some smaller or larger; the largest show a part of the frame only.
BatchPlan coarse_pictures(int size, int batch)
{
	return {.size = size,
		.batch = batch,
		.least_frame_height = 0.75 * size,
		.greatest_frame_height = std::max(2.1 * size, 300.0)};
}

BatchPlan full_pictures(int size, int batch)
{
	return {.size = size, .batch = batch, .least_frame_height = 620, .greatest_frame_height = 1250};
}

// Steps of Muon are as long as the rate, whatever the weights are. Without a decay these grow, until the steps are too short.
constexpr double muon_decay = 0.2;

} // namespace

TrainingPlan whole_recipe(bool goes_on)
{
	const double rate = goes_on ? 8e-4 : 1.5e-3;
	constexpr double decay = 1e-4;
	return {.stages = {{Lesson::coarse, coarse_pictures(128, 8), 0.35, rate, Method::adamw, 0, 0.55, decay},
			   {Lesson::coarse, coarse_pictures(192, 6), 0.35, rate, Method::adamw, 0.55, 1, decay},
			   {Lesson::refiner, full_pictures(384, 16), 0.3, 0.025, Method::muon, 0, 1, muon_decay}}};
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

TrainingPlan adaptation_recipe()
{
	return {.stages = {{Lesson::adapting, coarse_pictures(192, 8), 1, 5e-5, Method::adamw, 0, 1, 0}}};
}

} // namespace matting::training
