// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_watch.hpp"

#include "inference/wire/apart.hpp"
#include "plugin/engine/utf8_path.hpp"

#include <system_error>
#include <utility>

namespace matting {

AtPath what_is_at(const std::string &path)
{
	std::error_code ignored;
	switch (std::filesystem::status(path_of(path), ignored).type()) {
	case std::filesystem::file_type::none:
	case std::filesystem::file_type::not_found:
	case std::filesystem::file_type::unknown:
		return AtPath::nothing;
	case std::filesystem::file_type::regular:
		return AtPath::file;
	default:
		return AtPath::no_file;
	}
}

std::optional<FileStamp> stamp_of(const std::string &path)
{
	std::error_code error;
	const std::filesystem::path file = path_of(path);
	FileStamp stamp{std::filesystem::last_write_time(file, error), 0};
	stamp.bytes = error ? 0 : std::filesystem::file_size(file, error);
	return error ? std::nullopt : std::optional(stamp);
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
	if (path != path_) {
		path_ = path;
		is_known_ = false;
		look_ = {};
	}
	if (look_.valid() && !is_ready(look_))
		return false;
	const bool has_looked = look_.valid();
	const Stamp now = has_looked ? look_.get() : Stamp();
	begin_look();
	return has_looked && is_other(now);
}

void FileWatch::begin_look()
{
	try {
		if (!path_.empty())
			look_ = begin_apart([path = path_] { return stamp_of(path); });
	} catch (const std::system_error &) { // there is no thread to be had now
	}
}

} // namespace matting
