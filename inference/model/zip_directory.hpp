// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/input_file.hpp"

namespace matting {

/// LibTorch reads a few records of an archive as soon as it opens it, whatever their size. Throws Error when one of them claims to
/// be more than the words that belong there, or when the archive's directory is damaged (APPNOTE.TXT 4.3.12 to 4.3.16).
void require_small_preamble(const InputFile &archive);

/// Throws Error when the bytes of a record that is not compressed are not those that its CRC-32 was made of: LibTorch would not notice. 0 is none: of
/// `torch.serialization.set_crc32_options(False)`. What is no archive is right.
void require_whole_records(const InputFile &file);

} // namespace matting
