// SPDX-License-Identifier: GPL-2.0-or-later
#include "input_file.hpp"

#include "error.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace matting {

void InputFile::open()
{
	// Without waiting, as for somebody who writes into a pipe.
	const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			problem_ = std::strerror(errno);
		return;
	}
	std::shared_ptr<const intptr_t> opened(new intptr_t(descriptor), [](const intptr_t *number) {
		close(static_cast<int>(*number));
		delete number;
	});
	struct stat status {};
	if (fstat(descriptor, &status) != 0)
		problem_ = std::strerror(errno);
	else if (S_ISDIR(status.st_mode))
		problem_ = Error::sentence("engine.is_folder", "it is a folder");
	else if (!S_ISREG(status.st_mode))
		problem_ = Error::sentence("engine.no_ordinary_file", "it is no ordinary file");
	else
		opened_ = std::move(opened);
	if (!opened_)
		return;
	for (const auto number : std::array<uintmax_t, 5>{
		     status.st_dev, status.st_ino, static_cast<uintmax_t>(status.st_size),
		     static_cast<uintmax_t>(status.st_mtim.tv_sec), static_cast<uintmax_t>(status.st_mtim.tv_nsec)})
		identity_ += std::to_string(number) + ' ';
}

uintmax_t InputFile::size() const
{
	struct stat status {};
	if (fstat(static_cast<int>(opened()), &status) != 0)
		throw Error(std::strerror(errno));
	return static_cast<uintmax_t>(status.st_size);
}

size_t InputFile::read(uintmax_t position, void *bytes, size_t count) const
{
	const auto file = static_cast<int>(opened());
	if (position > static_cast<uintmax_t>(std::numeric_limits<off_t>::max()) - count)
		return 0; // no file is that long
	size_t done = 0;
	while (done < count) {
		const ssize_t part = pread(file, static_cast<char *>(bytes) + done, count - done,
					   static_cast<off_t>(position + done));
		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			throw Error(std::strerror(errno));
		if (part == 0)
			break;
		done += static_cast<size_t>(part);
	}
	return done;
}

std::shared_ptr<const std::string_view> InputFile::map() const
{
	const size_t bytes = size();
	void *start = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, static_cast<int>(opened()), 0);
	if (start == MAP_FAILED)
		throw Error("engine.not_mapped", "it cannot be mapped into memory");
	return {new std::string_view(static_cast<const char *>(start), bytes), [start, bytes](const auto *mapped) {
			munmap(start, bytes);
			delete mapped;
		}};
}

} // namespace matting
