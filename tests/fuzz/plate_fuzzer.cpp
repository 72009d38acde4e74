// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.hpp"

#include "inference/plate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const matting::MemoryFile file(data, size);
	if (!file.is_whole())
		return -1;
	try {
		const matting::Bitmap plate = matting::read_plate(file.open());
		if (plate.pixels.size() != size_t{4} * plate.width * plate.height)
			__builtin_trap();
	} catch (const matting::Error &) {
	}
	return 0;
}
