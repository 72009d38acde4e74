// SPDX-License-Identifier: GPL-2.0-or-later
// Pipes cannot be waited for here: a read ends when something is written, or when nobody is left to write. Ctrl-C reaches those
// who write as it reaches this program.
#include "input.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <io.h>

namespace matting {

PipeInput::PipeInput(const std::filesystem::path &path, std::function<bool()> is_stopped)
	: is_stopped_(std::move(is_stopped)),
	  file_(path == "-" ? _dup(_fileno(stdin)) : _wopen(path.c_str(), _O_RDONLY | _O_BINARY | _O_NOINHERIT))
{
	if (file_ < 0)
		throw Error(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
	_setmode(file_, _O_BINARY);
	constexpr int size = 1 << 16;
	const bool can_seek = _lseeki64(file_, 0, SEEK_CUR) >= 0; // a file behind the standard input
	context_ = avio_alloc_context(static_cast<uint8_t *>(av_malloc(size)), size, 0, this, read, nullptr,
				      can_seek ? seek : nullptr);
}

PipeInput::~PipeInput()
{
	av_freep(&context_->buffer);
	avio_context_free(&context_);
	_close(file_);
}

int PipeInput::read(void *self, uint8_t *bytes, int size)
{
	const auto &pipe = *static_cast<PipeInput *>(self);
	const int count = _read(pipe.file_, bytes, static_cast<unsigned>(size));
	if (pipe.is_stopped_ && pipe.is_stopped_())
		return AVERROR_EXIT;
	return count > 0 ? count : count == 0 ? AVERROR_EOF : AVERROR(errno);
}

int64_t PipeInput::seek(void *self, int64_t offset, int whence)
{
	const auto &pipe = *static_cast<PipeInput *>(self);
	if (whence == AVSEEK_SIZE)
		return -1;
	const int64_t at = _lseeki64(pipe.file_, offset, whence & ~AVSEEK_FORCE);
	return at < 0 ? AVERROR(errno) : at;
}

} // namespace matting
