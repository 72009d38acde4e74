// SPDX-License-Identifier: GPL-2.0-or-later
// A training, from what the user wants to the finished model.
#pragma once

#include "training_session.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace matting::training {

struct TrainingRequest {
	std::filesystem::path folder; ///< for the model, its card, previews and the checkpoint
	std::string init;             ///< a model file, or a name for `find_model`; empty: random weights
	std::string only;             ///< "coarse" or "refiner"; empty: both
	at::Device device = at::kCPU;
	double minutes = 0; ///< 0: as usual
	int64_t steps = 0;  ///< instead of minutes, unless 0
	uint64_t seed = 0;
	bool small_checkpoint = false; ///< see Note [Small checkpoints]
	bool resume = false;
};

/// Trains to the end or until it is interrupted, and says how it goes on standard output. Throws Error.
void train(const TrainingRequest &request, const TrainingHost &host);

} // namespace matting::training
