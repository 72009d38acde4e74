// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "network.hpp"

namespace matting {

/// Trainings save the network under names of their own: `module.`, `_orig_mod.`, `model.module.`, `ema.` and what not, with
/// other things beside it. Gives what lies under the one prefix that has a network, without it; everything, if there is no
/// prefix or no network. Throws Error if there are several.
StateDict find_network(StateDict weights);

/// What names begin with, for an error: "a., b. and c."
std::string prefixes_of(const StateDict &weights);

} // namespace matting
