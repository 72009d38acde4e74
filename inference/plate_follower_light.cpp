// SPDX-License-Identifier: GPL-2.0-or-later
// How the frames' light differs from the plate's.
#include "plate_follower.hpp"

#include <algorithm>
#include <cmath>

namespace matting {

// Of points that fit, whatever their colour's own gain is. Some of them are somebody's: with each round what is left over by
// the gains so far counts less. A colour at the end of its range says nothing of its gain.
std::array<double, 3> PlateFollower::measure_light(const SmallPicture &frame, const Alignment &alignment)
{
	const int width = frame.grey.width, height = frame.grey.height;
	lit_.clear();
	lit_.reserve(size_t(1) * width * height);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			const auto [to_x, to_y] = alignment.frame_of_plate(point_of(x, y, width, height));
			const auto column = static_cast<int>((to_x + 1) * width / 2),
				   row = static_cast<int>(to_y * width / 2 + 0.5 * height);
			if (column < 0 || row < 0 || column >= width || row >= height)
				continue;
			const size_t from = size_t(1) * y * width + x, to = size_t(1) * row * width + column;
			const double difference =
				alignment.gain * frame.grey.values[to] + alignment.offset - small_.grey.values[from];
			if (std::abs(difference) > 12)
				continue;
			LitPoint &point = lit_.emplace_back();
			for (size_t c = 0; c < 3; c++) {
				point.plate[c] = small_.colours[c].values[from];
				point.frame[c] = frame.colours[c].values[to];
			}
		}
	constexpr float brightest = 245;
	constexpr double usual = 6; // of 255
	std::array<double, 3> light{1, 1, 1};
	for (int round = 0; round < 3; round++) {
		std::array<double, 3> both{}, own{};
		for (const LitPoint &point : lit_) {
			double left = 0;
			for (size_t c = 0; c < 3 && round > 0; c++)
				if (point.plate[c] < brightest && point.frame[c] < brightest)
					left = std::max(left, std::abs(light[c] * point.plate[c] - point.frame[c]));
			const double weight = 1 / (1 + left * left / (usual * usual));
			for (size_t c = 0; c < 3; c++) {
				if (point.plate[c] >= brightest || point.frame[c] >= brightest)
					continue;
				both[c] += weight * weight * point.plate[c] * point.frame[c];
				own[c] += weight * weight * point.plate[c] * point.plate[c];
			}
		}
		for (size_t c = 0; c < 3; c++)
			light[c] = own[c] > 0 ? std::clamp(both[c] / own[c], 0.5, 2.0) : 1;
	}
	return light;
}

} // namespace matting
