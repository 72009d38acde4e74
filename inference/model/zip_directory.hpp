// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/input_file.hpp"

namespace matting {

/// LibTorch reads a few records of an archive as soon as it opens it, whatever their size. Throws Error when one of them claims to
/// be more than the words that belong there, or when the archive's directory is damaged (APPNOTE.TXT 4.3.12 to 4.3.16).
void require_small_preamble(const InputFile &archive);

} // namespace matting
