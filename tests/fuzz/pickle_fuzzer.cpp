// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference/error.hpp"
#include "inference/model/pickle.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	std::string_view bytes(reinterpret_cast<const char *>(data), size);
	try {
		while (!bytes.empty())
			matting::Pickle{bytes};
	} catch (const matting::Error &) {
	}
	return 0;
}
