// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_watch.hpp"

#include <chrono>

namespace matting {

FileWatch::Stamp FileWatch::stamp_of(const std::string &path)
{
	std::error_code error;
	const auto when = std::filesystem::last_write_time(path, error);
	const auto size = error ? 0 : std::filesystem::file_size(path, error);
	return error ? Stamp() : Stamp({when, size});
}

bool FileWatch::is_other(const Stamp &now)
{
	if (!std::exchange(is_known_, true)) {
		known_ = last_ = now;
		return false;
	}
	const bool rests = std::exchange(last_, now) == now;
	if (!rests || !now || now == known_)
		return false;
	known_ = now;
	return true;
}

bool FileWatch::has_changed(const std::string &path)
{
	if (look_.valid() && look_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
		return false;
	const bool is_of_this = look_.valid() && path == path_;
	const Stamp now = look_.valid() ? look_.get() : Stamp();
	if (path != path_) {
		path_ = path;
		is_known_ = false;
	}
	look_ = path_.empty() ? std::future<Stamp>() : std::async(std::launch::async, stamp_of, path_);
	return is_of_this && is_other(now);
}

} // namespace matting
