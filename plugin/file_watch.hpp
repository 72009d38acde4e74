// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

namespace matting {

// Note [A disk that does not answer]
// A file on a computer that is switched off takes a minute to be missed, or for ever. The future of std::async waits for that when it
// is destroyed, and here that would be under the graphics lock. So such a thread is nobody's: who wants its result no more drops
// the future. It may still be at it when OBS has unloaded the plugin, or ends: libobs never closes a module's library, and the
// thread touches nothing but its own.

/// Runs `function`, which reads a file, on a thread of its own. The future may be dropped at any time: that does not wait. Throws
/// std::system_error: no thread can be had.
template<typename Function> auto begin_reading(Function function)
{
	std::packaged_task<std::invoke_result_t<Function>()> task(std::move(function));
	auto result = task.get_future();
	std::thread(std::move(task)).detach();
	return result;
}

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
