// SPDX-License-Identifier: GPL-2.0-or-later
// Files that are written whole or not at all.
#pragma once

#include <filesystem>
#include <string_view>

namespace matting {

/// A place to write to, beside the file it is to become. Unless `commit` succeeds the destructor removes it and what
/// was at `path` before stays as it was. Links are followed, and the mode of a file that is replaced is kept.
class AtomicFile {
public:
	/// Throws Error if the folder does not exist or cannot be written to, or if `path` is there and protected.
	explicit AtomicFile(std::filesystem::path path);
	~AtomicFile();
	AtomicFile(const AtomicFile &) = delete;
	AtomicFile &operator=(const AtomicFile &) = delete;

	/// Keeps the extension, by which writers choose a format.
	const std::filesystem::path &temporary() const { return temporary_; }

	/// Puts what was written in place, safely on disk first. Throws Error.
	void commit();

private:
	/// An empty file, of nobody else: .stem.XXXXXX.extension, with six letters or digits, and without the end of the stem only
	/// where that is too long for a name. Empty: errno says why not.
	static std::filesystem::path make_temporary(const std::filesystem::path &path);
	/// On the disk, then under its name. False: errno says why not.
	static bool put_in_place(const std::filesystem::path &temporary, const std::filesystem::path &path);

	std::filesystem::path path_;
	std::filesystem::path temporary_;
};

/// Writes a file of these bytes, whole or not at all. Throws Error.
void write_whole_file(const std::filesystem::path &path, std::string_view bytes);

/// And those above it. False: it is there already. Throws Error.
bool make_folder(const std::filesystem::path &path);

} // namespace matting
