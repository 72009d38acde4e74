// SPDX-License-Identifier: GPL-2.0-or-later
#include "input.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace matting {

PipeInput::PipeInput(const std::filesystem::path &path, std::function<bool()> is_stopped)
	: is_stopped_(std::move(is_stopped)),
	  // Without waiting for someone who writes: `read` does.
	  file_(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
{
	if (file_ < 0)
		throw Error(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
	constexpr int size = 1 << 16;
	const bool can_seek = lseek(file_, 0, SEEK_CUR) >= 0; // a file behind the standard input
	context_ = avio_alloc_context(static_cast<uint8_t *>(av_malloc(size)), size, 0, this, read, nullptr,
				      can_seek ? seek : nullptr);
}

PipeInput::~PipeInput()
{
	av_freep(&context_->buffer);
	avio_context_free(&context_);
	close(file_);
}

int PipeInput::read(void *self, uint8_t *bytes, int size)
{
	const auto &pipe = *static_cast<PipeInput *>(self);
	pollfd waiting{pipe.file_, POLLIN, 0};
	constexpr int patience = 100; // milliseconds
	while (poll(&waiting, 1, patience) <= 0)
		if (pipe.is_stopped_ && pipe.is_stopped_())
			return AVERROR_EXIT;
	const ssize_t count = ::read(pipe.file_, bytes, size);
	return count > 0 ? static_cast<int>(count) : count == 0 ? AVERROR_EOF : AVERROR(errno);
}

int64_t PipeInput::seek(void *self, int64_t offset, int whence)
{
	const auto &pipe = *static_cast<PipeInput *>(self);
	if (whence == AVSEEK_SIZE)
		return -1;
	const off_t at = lseek(pipe.file_, offset, whence & ~AVSEEK_FORCE);
	return at < 0 ? AVERROR(errno) : at;
}

} // namespace matting
