// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/edge_solver.hpp"

namespace matting {

/// Solves edges at one size only, that of the pictures: see Note [Large pictures first at half the size].
std::unique_ptr<EdgeSolver> make_flat_edge_solver();

} // namespace matting
