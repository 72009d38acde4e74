// SPDX-License-Identifier: GPL-2.0-or-later
// Alpha at edges from the plate, on the CPU: see Note [The plate solves the edge].
#pragma once

#include "edge_network.hpp"
#include "matting.hpp"

#include <functional>
#include <memory>

namespace matting {

/// What the network of edges is told of the pixels from (x, y) on: (features, step), and their number.
using EdgeFeatures = std::function<void(int x, int y, int count, const float *features, int step)>;

/// Pictures are on the CPU and have the same size. Thread-safety: none.
class EdgeSolver {
public:
	virtual ~EdgeSolver() = default;

	/// Of the pictures to come. It stays there until the next one is set.
	virtual void set_plate(const Picture &plate) = 0;
	/// `result`: a matte, of which alpha changes by `strength` (0 to 1) of what it should, where the source is opaque (of large
	/// pictures at each size: see Note [Large pictures first at half the size]); and colours where alpha is 0 no more, or now is.
	virtual void solve(const Picture &source, const Picture &result, float strength) = 0;
	/// Calls `visit` for all pixels that `solve` would look at, from several threads at once.
	virtual void look(const Picture &source, const Picture &result, const EdgeFeatures &visit) = 0;
};

/// For the processor's instruction set, or the one that MATTING_ISA names. The room fast/'s.
std::unique_ptr<EdgeSolver> make_edge_solver();

} // namespace matting
