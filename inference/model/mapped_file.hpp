// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/error.hpp"
#include "inference/input_file.hpp"

#include <string_view>

#include <sys/mman.h>

namespace matting {

/// The bytes of a whole file, in memory as far as they are looked at: one that claims much takes none for it.
class MappedFile {
public:
	/// Throws Error.
	explicit MappedFile(const InputFile &file)
		: size_(file.size()),
		  start_(mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.descriptor(), 0)) // which stays the file's
	{
		if (start_ == MAP_FAILED)
			throw Error("engine.not_mapped", "it cannot be mapped into memory");
	}
	~MappedFile() { munmap(start_, size_); }
	MappedFile(const MappedFile &) = delete;
	MappedFile &operator=(const MappedFile &) = delete;

	std::string_view bytes() const { return {static_cast<const char *>(start_), size_}; }

private:
	size_t size_;
	void *start_;
};

} // namespace matting
