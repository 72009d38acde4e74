// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench_pictures.hpp"

#include "inference/cuda_library.hpp"

#include <algorithm>
#include <cmath>

namespace matting {
namespace {

constexpr int different_frames = 4;

uint8_t room_value(int x, int y, int channel)
{
	const double wave = std::sin(0.013 * x * (channel + 1)) * std::cos(0.017 * y + channel);
	const auto grain = (x * 73856093u ^ y * 19349663u ^ channel * 83492791u) >> 7 & 15;
	return static_cast<uint8_t>(110 + 70 * wave + grain);
}

Bitmap draw_room(int width, int height)
{
	Bitmap room(width, height);
	uint8_t *pixel = room.pixels.data();
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++, pixel += 4) {
			for (int c = 0; c < 3; c++)
				pixel[c] = room_value(x, y, c);
			pixel[3] = 255;
		}
	return room;
}

void draw_shape(Bitmap &bitmap, int frame)
{
	const double radius = 0.3 * bitmap.height;
	const double centre_x = bitmap.width * (0.5 + 0.1 * std::sin(frame)), centre_y = 0.6 * bitmap.height;
	for (int y = 0; y < bitmap.height; y++)
		for (int x = 0; x < bitmap.width; x++) {
			uint8_t *pixel = &bitmap.pixels[4 * (size_t{1} * y * bitmap.width + x)];
			const double edge = radius - std::hypot(x - centre_x, y - centre_y) + 8 * std::sin(0.2 * x);
			const double alpha = std::clamp(0.5 + edge / 12, 0.0, 1.0);
			for (int c = 0; c < 3; c++)
				pixel[c] = static_cast<uint8_t>(pixel[c] * (1 - alpha) +
								alpha * (200 - 40 * c + (x + y) % 32));
		}
}

} // namespace

BenchPictures::BenchPictures(int width, int height) : room_(draw_room(width, height))
{
	bitmaps_.resize(different_frames + 1, room_);
	for (int i = 0; i < different_frames; i++)
		draw_shape(bitmaps_[i], i);
	for (Bitmap &bitmap : bitmaps_)
		pictures_.push_back(bitmap.picture());
}

void BenchPictures::move_to(const std::string &device)
{
	for (Picture &picture : pictures_) {
		picture.pixels =
			memory_.emplace_back(cuda_backend().upload(find_cuda_device(device).index, picture)).get();
		picture.pitch = std::ptrdiff_t{4} * picture.width;
		picture.device = Device::cuda;
	}
}

const Picture &BenchPictures::source(int frame) const
{
	return pictures_[frame % different_frames];
}

} // namespace matting
