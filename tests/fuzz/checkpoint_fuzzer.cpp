// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.hpp"

#include "inference/model/checkpoint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const matting::MemoryFile file(data, size);
	if (!file.is_whole())
		return -1;
	try {
		for (const auto &[name, tensor] : matting::read_checkpoint(file.open()).weights)
			if (tensor.nbytes() > 0 && !tensor.is_contiguous())
				__builtin_trap();
	} catch (const matting::Error &) {
	}
	return 0;
}
