// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine is given by others, by libFuzzer: it must end in an Error, or in a result, and in nothing else.
#pragma once

#include "inference/error.hpp"
#include "inference/input_file.hpp"

#include <cstdint>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

namespace matting {

/// A file in memory.
class MemoryFile {
public:
	MemoryFile(const uint8_t *data, size_t size) : descriptor_(memfd_create("input", MFD_CLOEXEC))
	{
		is_whole_ = write(descriptor_, data, size) == static_cast<ssize_t>(size);
	}
	~MemoryFile() { close(descriptor_); }
	MemoryFile(const MemoryFile &) = delete;
	MemoryFile &operator=(const MemoryFile &) = delete;

	bool is_whole() const { return is_whole_; }
	InputFile open() const { return InputFile("/proc/self/fd/" + std::to_string(descriptor_)); }

private:
	int descriptor_;
	bool is_whole_;
};

} // namespace matting
