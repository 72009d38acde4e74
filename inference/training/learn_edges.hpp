// SPDX-License-Identifier: GPL-2.0-or-later
// Learns what Note [The plate solves the edge] is about, from drawn frames: inference/edge_weights.inc.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace matting::training {

struct EdgeLearning {
	std::string file;                     ///< to be written
	int frames = 600;                     ///< drawn and matted twice; a second each
	int64_t steps = 12000;                ///< then a few milliseconds each
	std::function<bool()> is_interrupted; ///< while frames are drawn nothing is written then, later what there is
};

/// Tells on stderr how it goes. Throws Error.
void learn_edges(const EdgeLearning &request);

} // namespace matting::training
