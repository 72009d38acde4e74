// SPDX-License-Identifier: GPL-2.0-or-later
// The weights in what torch.save and torch.jit.save have pickled.
#pragma once

#include "checkpoint.hpp"
#include "checkpoint_tensors.hpp"

namespace matting {

/// Of a dictionary, or of the one in it that trainings save beside other things. Throws Error.
StateDict read_state_dict(const PickleValue &root, TensorReader &reader);

/// Of a scripted module and its submodules, by their dotted names. Throws Error.
StateDict read_modules(const PickleValue &root, TensorReader &reader);

} // namespace matting
