// SPDX-License-Identifier: GPL-2.0-or-later
// What the names of media files stand for: one file, or with a %d (frame_%04d.png) the files of a sequence.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace matting {

/// A file that has just this name is that file.
bool is_sequence_name(const std::filesystem::path &path);

/// frame_%04d.png, 7 -> frame_0007.png
std::string numbered_name(const std::filesystem::path &sequence, int number);

/// Of the files of the sequence that there are, in order; looks at its folder once.
std::vector<int> numbers_of(const std::filesystem::path &sequence);

/// Whether writing to `output` could replace what `input` names; either can be a sequence. Does not throw: where the
/// files cannot be looked at, the names decide.
bool could_overwrite(const std::filesystem::path &output, const std::filesystem::path &input);

/// For FFmpeg, which would take what stands before a colon for a protocol.
std::string local_url(const std::filesystem::path &path);
/// The same of a sequence; a percent sign in a folder's name stands for itself.
std::string sequence_url(const std::filesystem::path &sequence);

} // namespace matting
