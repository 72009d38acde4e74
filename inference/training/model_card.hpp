// SPDX-License-Identifier: GPL-2.0-or-later
// What there is to know about a model that was trained here, as a page of text beside it.
#pragma once

#include "trainer.hpp"

#include <filesystem>

namespace matting::training {

/// Writes the card, in Markdown. A model whose training is at its end is measured on drawn frames. Throws Error.
void write_model_card(const std::filesystem::path &card, const std::filesystem::path &model, const Trainer &trainer);

} // namespace matting::training
