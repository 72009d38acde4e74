// SPDX-License-Identifier: GPL-2.0-or-later
#include "atomic_file.hpp"

#include "error.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace matting {
namespace {

[[noreturn]] void fail(const std::filesystem::path &path, const std::string &why = std::strerror(errno))
{
	throw Error("engine.cannot_write", "cannot write {}: {}", path.string(), why);
}

// What a link leads to is replaced, or made, and not the link.
std::filesystem::path behind_links(const std::filesystem::path &path)
{
	constexpr int most = 40; // as systems follow
	std::filesystem::path target = path;
	std::error_code failed;
	for (int i = 0; i < most && std::filesystem::is_symlink(target, failed); i++) {
		const auto next = std::filesystem::read_symlink(target, failed);
		if (failed)
			return path;
		target = target.parent_path() / next;
	}
	return target;
}

} // namespace

AtomicFile::AtomicFile(std::filesystem::path path) : path_(behind_links(path))
{
	using std::filesystem::perms;
	std::error_code failure;
	const auto before = std::filesystem::status(path_, failure);
	if (before.type() == std::filesystem::file_type::none)
		fail(path_, failure.message());
	if (exists(before) && !is_regular_file(before))
		throw Error("engine.write_no_file", "cannot write {}: it exists and is no ordinary file",
			    path_.string());
	constexpr auto may_write = perms::owner_write | perms::group_write | perms::others_write;
	if (exists(before) && (before.permissions() & may_write) == perms::none)
		throw Error("engine.write_protected", "cannot write {}: it is write-protected", path_.string());
	temporary_ = make_temporary(path_);
	if (temporary_.empty())
		fail(path_);
}

AtomicFile::~AtomicFile()
{
	std::error_code ignored;
	if (!temporary_.empty())
		std::filesystem::remove(temporary_, ignored);
}

void AtomicFile::commit()
{
	if (!put_in_place(temporary_, path_))
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

bool make_folder(const std::filesystem::path &path)
{
	std::error_code failure;
	const bool is_new = std::filesystem::create_directories(path, failure);
	if (failure)
		throw Error("cannot make the folder " + path.string() + ": " + failure.message());
	return is_new;
}

} // namespace matting
