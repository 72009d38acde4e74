// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the program that draws, which needs cairo.
#pragma once

#include "inference/training/drawing/generator.hpp"

namespace matting::training {

/// As `make_generator`, from the library beside the program, which is loaded for it. Throws Error: it cannot be had.
std::unique_ptr<Generator> load_generator(const GeneratorSettings &settings);

} // namespace matting::training
