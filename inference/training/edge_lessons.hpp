// SPDX-License-Identifier: GPL-2.0-or-later
// What the small network of Note [The plate solves the edge] learns from.
#pragma once

#include <memory>
#include <vector>

namespace matting::training {

/// Pixels near edges: their features (N, EdgeNetwork::features), those of the same pixels with more noise, and the true alpha.
struct EdgeLessons {
	std::vector<float> features, noisy, alpha;
};

/// Draws frames and mattes them with the bundled model. Thread-safety: none.
class EdgeTeacher {
public:
	/// Throws Error.
	EdgeTeacher();
	~EdgeTeacher();
	EdgeTeacher(const EdgeTeacher &) = delete;
	EdgeTeacher &operator=(const EdgeTeacher &) = delete;

	/// Appends what a frame teaches, which depends on its number only, and what a drawing of strands does.
	void teach(int number, EdgeLessons &lessons);

private:
	struct Impl;
	std::unique_ptr<Impl> impl_;
};

} // namespace matting::training
