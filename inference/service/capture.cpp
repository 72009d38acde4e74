// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace matting {
namespace {

constexpr float tolerance = 8;                 // of 255, between the mean of a group and that of the middle ones
constexpr int block = 8;                       // pixels
constexpr int many = block * block / 4;        // of a block, have changed: it has
constexpr double somebody = 0.0015, all = 0.5; // of the blocks

} // namespace

void Capture::add(const Picture &frame)
{
	if (frame.width != width_ || frame.height != height_) {
		width_ = frame.width;
		height_ = frame.height;
		collected_ = 0;
		frames_ = {};
		for (auto &sums : sums_)
			sums.assign(size_t{4} * width_ * height_, 0);
	}
	const uint32_t group = group_of(collected_++);
	frames_[group]++;
	const size_t row = size_t{4} * width_;
	for (int y = 0; y < height_; y++) {
		const uint8_t *in = frame.pixels + y * frame.pitch;
		uint32_t *out = sums_[group].data() + y * row;
		for (size_t i = 0; i < row; i++)
			out[i] += in[i];
	}
}

Capture::Level Capture::level(size_t i) const
{
	std::array<float, groups> means{}, sorted;
	sorted.fill(std::numeric_limits<float>::max());
	uint32_t used = 0; // groups; a capture of few frames does not fill all
	for (uint32_t group = 0; group < groups; group++)
		if (frames_[group] > 0) {
			means[used] = static_cast<float>(sums_[group][i]) / static_cast<float>(frames_[group]);
			sorted[used] = means[used];
			used++;
		}
	std::sort(sorted.begin(), sorted.end());
	const float middle = (sorted[used / 2] + sorted[(used - 1) / 2]) / 2;
	float sum = 0, agreeing = 0;
	for (uint32_t group = 0; group < used; group++)
		if (std::abs(means[group] - middle) <= tolerance) {
			sum += means[group];
			agreeing++;
		}
	const float mean = agreeing > 0 ? sum / agreeing : middle;
	return {static_cast<uint8_t>(mean + 0.5f), agreeing < static_cast<float>(used)};
}

Capture::Plate Capture::plate() const
{
	Plate plate{Bitmap(width_, height_), PlateFlaw::none};
	const int columns = (width_ + block - 1) / block, rows = (height_ + block - 1) / block;
	std::vector<int> changed(size_t{1} * columns * rows);
	for (size_t i = 0; i < plate.bitmap.pixels.size(); i++) {
		const Level found = level(i);
		plate.bitmap.pixels[i] = found.value;
		if (found.has_changed && i % 4 == 1) { // green says enough
			const auto pixel = static_cast<int>(i / 4);
			changed[size_t{1} * (pixel / width_ / block) * columns + pixel % width_ / block]++;
		}
	}
	const auto blocks =
		static_cast<double>(std::ranges::count_if(changed, [](int pixels) { return pixels > many; }));
	const double share = blocks / static_cast<double>(changed.size());
	plate.flaw = share > all ? PlateFlaw::moved : share > somebody ? PlateFlaw::somebody : PlateFlaw::none;
	return plate;
}

} // namespace matting
