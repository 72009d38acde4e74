// SPDX-License-Identifier: GPL-2.0-or-later
// What `bench` mattes: a textured room, and a soft round shape that wanders before it.
#pragma once

#include "inference/bitmap.hpp"

#include <memory>
#include <string>
#include <vector>

namespace matting {

/// Drawn once, for all executors.
class BenchPictures {
public:
	BenchPictures(int width, int height);

	/// From now on source and result are in the memory of the device, cuda:N, where the plugin leaves them.
	/// Throws Error.
	void move_to(const std::string &device);

	Picture room() { return room_.picture(); }
	const Picture &source(int frame) const;
	const Picture &result() const { return pictures_.back(); }

private:
	Bitmap room_;
	std::vector<Bitmap> bitmaps_; // the last is the result
	std::vector<std::shared_ptr<uint8_t>> memory_;
	std::vector<Picture> pictures_;
};

} // namespace matting
