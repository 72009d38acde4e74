// SPDX-License-Identifier: GPL-2.0-or-later
#include "small_picture.hpp"

#include <algorithm>
#include <vector>

#include <ATen/Parallel.h>

namespace matting {
namespace {

constexpr int small_width = 256;

// The means of blocks, of every `step`-th of their rows.
void shrink_row(const Picture &picture, int block, int step, int y, std::array<float *, 3> out, int width)
{
	thread_local std::vector<uint32_t> sums; // nothing is allocated for a frame
	sums.assign(size_t(4) * width * block, 0);
	int rows = 0;
	for (int row = step / 2; row < block; row += step, rows++) {
		const uint8_t *pixels = picture.pixels + (y * block + row) * picture.pitch;
		for (size_t i = 0; i < sums.size(); i++)
			sums[i] += pixels[i];
	}
	const float scale = 1 / (static_cast<float>(rows) * static_cast<float>(block));
	for (int x = 0; x < width; x++)
		for (int c = 0; c < 3; c++) {
			uint32_t sum = 0;
			for (int i = 0; i < block; i++)
				sum += sums[4 * (size_t(1) * x * block + i) + c];
			out[c][x] = static_cast<float>(sum) * scale;
		}
}

} // namespace

int block_of(const Picture &picture)
{
	const auto [shorter, longer] = std::minmax(picture.width, picture.height);
	return std::clamp((longer + small_width / 2) / small_width, 1, shorter);
}

void SmallPicture::shrink(const Picture &picture, int block, int step)
{
	const int width = picture.width / block, height = picture.height / block;
	for (Grey *plane : {&colours[0], &colours[1], &colours[2], &grey}) {
		plane->width = width;
		plane->height = height;
		plane->values.resize(size_t(1) * width * height);
	}
	at::parallel_for(0, height, 16, [&](int64_t begin, int64_t end) {
		for (int64_t y = begin; y < end; y++) {
			const std::array out{&colours[0].values[y * width], &colours[1].values[y * width],
					     &colours[2].values[y * width]};
			shrink_row(picture, block, step, static_cast<int>(y), out, width);
			for (int x = 0; x < width; x++)
				grey.values[y * width + x] = 0.3f * out[0][x] + 0.6f * out[1][x] + 0.1f * out[2][x];
		}
	});
}

} // namespace matting
