// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.hpp"

namespace matting {

void Capture::add(const Picture &frame)
{
	if (frame.width != width_ || frame.height != height_) {
		width_ = frame.width;
		height_ = frame.height;
		collected_ = 0;
		sums_.assign(size_t{4} * width_ * height_, 0);
	}
	const size_t row = size_t{4} * width_;
	for (int y = 0; y < height_; y++) {
		const uint8_t *in = frame.pixels + y * frame.pitch;
		uint32_t *out = sums_.data() + y * row;
		for (size_t i = 0; i < row; i++)
			out[i] += in[i];
	}
	collected_++;
}

Bitmap Capture::mean() const
{
	Bitmap bitmap(width_, height_);
	for (size_t i = 0; i < sums_.size(); i++)
		bitmap.pixels[i] = static_cast<uint8_t>((sums_[i] + collected_ / 2) / collected_);
	return bitmap;
}

} // namespace matting
