// SPDX-License-Identifier: GPL-2.0-or-later
// What the names of media files stand for: one file, or with a %d (frame_%04d.png) the files of a sequence.
#pragma once

#include <filesystem>
#include <string>

namespace matting {

bool is_sequence_name(const std::filesystem::path &path);

/// frame_%04d.png, 7 -> frame_0007.png
std::string numbered_name(const std::filesystem::path &sequence, int number);

/// Whether writing to `output` could replace what `input` names; either can be a sequence. Does not throw: where the
/// files cannot be looked at, the names decide.
bool could_overwrite(const std::filesystem::path &output, const std::filesystem::path &input);

/// For FFmpeg, which would take what stands before a colon for a protocol.
std::string local_url(const std::filesystem::path &path);

} // namespace matting
