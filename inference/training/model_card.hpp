// SPDX-License-Identifier: GPL-2.0-or-later
// What there is to know about a model that was trained here, as a page of text beside it.
#pragma once

#include "trainer.hpp"

#include <filesystem>

namespace matting::training {

/// Measures the model on drawn frames and writes the card, in Markdown. Throws Error.
void write_model_card(const std::filesystem::path &card, const std::filesystem::path &model, const Trainer &trainer);

} // namespace matting::training
