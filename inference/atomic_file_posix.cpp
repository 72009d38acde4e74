// SPDX-License-Identifier: GPL-2.0-or-later
#include "atomic_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace matting {
namespace {

// Looked at once: whoever looks changes it for a moment, for all threads.
mode_t mode_mask()
{
	static const mode_t mask = [] {
		const mode_t mask = umask(0);
		umask(mask);
		return mask;
	}();
	return mask;
}

// That of the file that is replaced; mkostemps makes files that only the owner reads, and a new one is an ordinary file.
mode_t mode_for(const std::filesystem::path &path)
{
	struct stat before;
	return stat(path.c_str(), &before) == 0 ? before.st_mode & 0777 : 0666 & ~mode_mask();
}

} // namespace

std::filesystem::path AtomicFile::make_temporary(const std::filesystem::path &path)
{
	const auto stem = path.stem().string(), extension = path.extension().string();
	constexpr size_t room = 8; // for what is added: a name may be as long as a name can be
	for (const size_t kept : {stem.size(), stem.size() - std::min(stem.size(), room)}) {
		std::string name = (path.parent_path() / ".").string();
		name.append(stem, 0, kept).append(".XXXXXX").append(extension);
		const int file = mkostemps(name.data(), static_cast<int>(extension.size()), O_CLOEXEC);
		if (file >= 0) {
			fchmod(file, mode_for(path));
			close(file);
			return name;
		}
		if (errno != ENAMETOOLONG)
			break;
	}
	return {};
}

bool AtomicFile::put_in_place(const std::filesystem::path &temporary, const std::filesystem::path &path)
{
	const int file = open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	const bool synced = fsync(file) == 0;
	close(file);
	return synced && std::rename(temporary.c_str(), path.c_str()) == 0;
}

} // namespace matting
