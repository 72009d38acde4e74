// SPDX-License-Identifier: GPL-2.0-or-later
// A picture about 256 pixels wide, of means of blocks: what the plate's movement and light are estimated from.
#pragma once

#include "alignment.hpp"
#include "bitmap.hpp"

#include <array>

namespace matting {

/// Pixels of the picture, along each side, that become one.
int block_of(const Picture &picture);

struct SmallPicture {
	std::array<Grey, 3> colours;
	Grey grey;

	/// From RGBA8 on the CPU. Of each block only every `step`-th row is looked at, from the middle of the first step on.
	void shrink(const Picture &picture, int block, int step);
};

} // namespace matting
