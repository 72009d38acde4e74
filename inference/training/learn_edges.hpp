// SPDX-License-Identifier: GPL-2.0-or-later
// Learns what Note [The plate solves the edge] is about, from drawn frames: inference/edge_weights.inc.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace matting::training {

struct EdgeLearning {
	std::filesystem::path file;           ///< to be written
	int frames = 480;                     ///< drawn and matted twice; a second or two each
	int64_t steps = 8000;                 ///< then a few milliseconds each
	std::function<bool()> is_interrupted; ///< then nothing is written
};

/// Tells on stderr how it goes. Throws Error.
void learn_edges(const EdgeLearning &request);

} // namespace matting::training
