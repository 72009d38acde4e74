// SPDX-License-Identifier: GPL-2.0-or-later
#include "atomic_file.hpp"

#include "error.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace matting {
namespace {

[[noreturn]] void fail(const std::filesystem::path &path)
{
	throw Error("engine.cannot_write", "cannot write {}: {}", path.string(), std::strerror(errno));
}

// What a link leads to is replaced, and not the link.
std::filesystem::path behind_links(const std::filesystem::path &path)
{
	std::error_code failed;
	if (!std::filesystem::is_symlink(path, failed))
		return path;
	const auto target = std::filesystem::weakly_canonical(path, failed);
	return failed ? path : target;
}

// That of the file that is replaced; mkostemps makes files that only the owner reads, and a new one is an ordinary file.
mode_t mode_for(const std::filesystem::path &path)
{
	struct stat before;
	if (stat(path.c_str(), &before) == 0)
		return before.st_mode & 0777;
	const mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

} // namespace

AtomicFile::AtomicFile(std::filesystem::path path) : path_(behind_links(path))
{
	using std::filesystem::perms;
	const auto before = std::filesystem::status(path_);
	if (exists(before) && !is_regular_file(before))
		throw Error("engine.write_no_file", "cannot write {}: it exists and is no ordinary file",
			    path_.string());
	constexpr auto may_write = perms::owner_write | perms::group_write | perms::others_write;
	if (exists(before) && (before.permissions() & may_write) == perms::none)
		throw Error("engine.write_protected", "cannot write {}: it is write-protected", path_.string());
	const auto extension = path_.extension().string();
	std::string name = (path_.parent_path() / ".").string();
	name.append(path_.stem().string()).append(".XXXXXX").append(extension);
	const int file = mkostemps(name.data(), static_cast<int>(extension.size()), O_CLOEXEC);
	if (file < 0)
		fail(path_);
	fchmod(file, mode_for(path_));
	close(file);
	temporary_ = name;
}

AtomicFile::~AtomicFile()
{
	std::error_code ignored;
	if (!temporary_.empty())
		std::filesystem::remove(temporary_, ignored);
}

void AtomicFile::commit()
{
	const int file = open(temporary_.c_str(), O_RDONLY | O_CLOEXEC);
	if (file < 0)
		fail(path_);
	const bool synced = fsync(file) == 0;
	close(file);
	if (!synced || std::rename(temporary_.c_str(), path_.c_str()) != 0)
		fail(path_);
	temporary_.clear();
}

void write_whole_file(const std::filesystem::path &path, std::string_view bytes)
{
	AtomicFile file(path);
	std::ofstream stream(file.temporary(), std::ios::binary);
	stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
	stream.close();
	if (!stream)
		fail(path);
	file.commit();
}

} // namespace matting
