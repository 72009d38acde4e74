// SPDX-License-Identifier: GPL-2.0-or-later
// The functions of the C library that take wide names, since those set errno. Who may read a file, its folder says.
#include "atomic_file.hpp"

#include <cerrno>
#include <random>
#include <string>

#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>

namespace matting {
namespace {

std::string random_letters()
{
	constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
	std::random_device random;
	std::string name;
	for (int i = 0; i < 6; i++)
		name += letters[random() % letters.size()];
	return name;
}

} // namespace

std::filesystem::path AtomicFile::make_temporary(const std::filesystem::path &path)
{
	for (int attempt = 0; attempt < 100; attempt++) {
		auto name = path.parent_path() / ".";
		name += path.stem();
		name += "." + random_letters();
		name += path.extension();
		const int file = _wopen(name.c_str(), _O_CREAT | _O_EXCL | _O_WRONLY | _O_BINARY | _O_NOINHERIT,
					_S_IREAD | _S_IWRITE);
		if (file >= 0) {
			_close(file);
			return name;
		}
		if (errno != EEXIST)
			break;
	}
	return {};
}

bool AtomicFile::put_in_place(const std::filesystem::path &temporary, const std::filesystem::path &path)
{
	const int file = _wopen(temporary.c_str(), _O_RDWR | _O_BINARY | _O_NOINHERIT);
	if (file < 0)
		return false;
	const bool synced = _commit(file) == 0;
	_close(file);
	if (!synced)
		return false;
	std::error_code failure;
	std::filesystem::rename(temporary, path, failure);
	if (failure)
		errno = failure.default_error_condition().value();
	return !failure;
}

} // namespace matting
