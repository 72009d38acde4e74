// SPDX-License-Identifier: GPL-2.0-or-later
// The stages of a training.
#pragma once

#include "trainer.hpp"

namespace matting::training {

/// Of a model from random weights.
TrainingPlan whole_recipe();

/// Of a model that is good already.
TrainingPlan tuning_recipe();

/// Leaves the stages of the refiner, or all others, out; those that are kept share all of the time.
void keep_part(TrainingPlan &plan, bool refiner);

/// For a card. See Note [Large batches].
void fit_card(TrainingPlan &plan);

/// One of the two is 0. In short trainings the refiner mixes fewer pictures: collecting them is no learning.
void set_length(TrainingPlan &plan, int64_t steps, double seconds);

} // namespace matting::training
