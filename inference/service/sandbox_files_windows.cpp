// SPDX-License-Identifier: GPL-2.0-or-later
#include "sandbox.hpp"

#include <cstdio>

namespace matting {

int landlock_version()
{
	return 0;
}

void forbid_writing(const std::filesystem::path & /*backgrounds*/, bool /*is_on_card*/)
{
	std::fputs("background-matting: Windows guards no files: the engine could read and write them\n", stderr);
}

void forbid_reading(const std::filesystem::path & /*backgrounds*/, bool /*is_on_card*/) {}

} // namespace matting
