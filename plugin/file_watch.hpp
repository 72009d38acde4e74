// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <optional>
#include <string>

namespace matting {

/// What is at a path: nothing that is known of, a file, or something that is none. To open a pipe is to wait for who writes into it,
/// and a device has no end.
enum class AtPath { nothing, file, no_file };
AtPath what_is_at(const std::string &path);

struct FileStamp {
	std::filesystem::file_time_type written;
	std::uintmax_t bytes;
	friend bool operator==(const FileStamp &, const FileStamp &) = default;
};
/// Nothing: it cannot be found.
std::optional<FileStamp> stamp_of(const std::string &path);

/// Notices that a file has been written anew. Thread-safety: none.
class FileWatch {
public:
	/// Whether it is another one than when its path was first given or this was last true, and is written no more: the same as
	/// at the look before. A file that is missing is no other one. Does not wait for the disk: it says what the call before
	/// began to look for.
	bool has_changed(const std::string &path);
	/// As far as is known.
	bool is_missing() const { return is_known_ && !last_; }

private:
	using Stamp = std::optional<FileStamp>;

	bool is_other(const Stamp &now);
	void begin_look();

	std::string path_;
	Stamp known_, last_;
	bool is_known_ = false;
	std::future<Stamp> look_; // at `path_`
};

} // namespace matting
