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

/// Files that must not be written over. Any of them can be a sequence. Thread-safety: safe.
class ProtectedFiles {
public:
	/// As they are now; empty names are none.
	explicit ProtectedFiles(const std::vector<std::filesystem::path> &files);
	/// Whether writing to `output`, which can be a sequence, could replace one. Does not throw: where the files cannot be looked
	/// at, the names decide.
	bool are_hit_by(const std::filesystem::path &output) const;

private:
	std::vector<std::filesystem::path> files_; // without links
};

/// The same of one.
bool could_overwrite(const std::filesystem::path &output, const std::filesystem::path &input);

/// For FFmpeg, which would take what stands before a colon for a protocol.
std::string local_url(const std::filesystem::path &path);
/// The same of a sequence; a percent sign in a folder's name stands for itself.
std::string sequence_url(const std::filesystem::path &sequence);

} // namespace matting
