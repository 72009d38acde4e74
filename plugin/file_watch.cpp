// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_watch.hpp"

namespace matting {

FileWatch::Stamp FileWatch::stamp_of(const std::string &path)
{
	std::error_code error;
	const auto when = std::filesystem::last_write_time(path, error);
	const auto size = error ? 0 : std::filesystem::file_size(path, error);
	return error ? Stamp() : Stamp({when, size});
}

bool FileWatch::has_changed(const std::string &path)
{
	const Stamp now = stamp_of(path);
	if (path != path_) {
		path_ = path;
		known_ = last_ = now;
		return false;
	}
	const bool rests = std::exchange(last_, now) == now;
	if (!rests || !now || now == known_)
		return false;
	known_ = now;
	return true;
}

} // namespace matting
