// SPDX-License-Identifier: GPL-2.0-or-later
#include "input_file.hpp"

#include "error.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace matting {
namespace {

struct stat status_of(int descriptor)
{
	struct stat status {};
	if (fstat(descriptor, &status) != 0)
		throw Error(std::strerror(errno));
	return status;
}

} // namespace

void InputFile::open()
{
	// Without waiting, as for somebody who writes into a pipe.
	const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0) {
		error_ = errno;
		return;
	}
	descriptor_.reset(new int(descriptor), [](const int *number) {
		close(*number);
		delete number;
	});
}

int InputFile::descriptor() const
{
	if (!descriptor_)
		throw Error(error_ == ENOENT || error_ == ENOTDIR || error_ == 0 ? "there is no such file"
										 : std::strerror(error_));
	const mode_t mode = status_of(*descriptor_).st_mode;
	if (S_ISDIR(mode))
		throw Error("it is a folder");
	if (!S_ISREG(mode))
		throw Error("it is no ordinary file");
	return *descriptor_;
}

uintmax_t InputFile::size() const
{
	return static_cast<uintmax_t>(status_of(descriptor()).st_size);
}

size_t InputFile::read(uintmax_t position, void *bytes, size_t count) const
{
	const int file = descriptor();
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

std::string InputFile::read_all(uintmax_t most) const
{
	const uintmax_t bytes = size();
	if (bytes > most)
		throw Error("it has " + std::to_string(bytes) + " bytes, and " + std::to_string(most) +
			    " are the most");
	std::string all(bytes, '\0');
	all.resize(read(0, all.data(), all.size()));
	return all;
}

} // namespace matting
