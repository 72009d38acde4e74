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

} // namespace

TrainingPlan whole_recipe(bool goes_on)
{
	const double rate = goes_on ? 8e-4 : 1.5e-3;
	constexpr double decay = 1e-4;
	return {.stages = {{Lesson::coarse, coarse_pictures(128, 8), 0.35, rate, 0, 0.55, decay},
			   {Lesson::coarse, coarse_pictures(192, 6), 0.27, rate, 0.55, 1, decay},
			   {Lesson::refiner, full_pictures(384, 6), 0.38, 2e-3, 0, 1, 0}}};
}

TrainingPlan adaptation_recipe()
{
	return {.stages = {{Lesson::adapting, coarse_pictures(192, 8), 1, 5e-5, 0, 1, 0}}};
}

} // namespace matting::training
