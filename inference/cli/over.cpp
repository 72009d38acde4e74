// SPDX-License-Identifier: GPL-2.0-or-later
#include "over.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

extern "C" {
#include <libswscale/swscale.h>
}

#include <fmt/format.h>

namespace matting {
namespace {

Bitmap read_backdrop(const std::string &description)
{
	if (!description.starts_with('#'))
		return read_picture(description);
	uint32_t colour = 0;
	const char *end = description.data() + description.size();
	const auto parsed = std::from_chars(description.data() + 1, end, colour, 16);
	if (description.size() != 7 || parsed.ec != std::errc() || parsed.ptr != end)
		throw Error(fmt::format("{} is no colour: write six hexadecimal digits, as in #20A040", description));
	Bitmap bitmap(1, 1);
	bitmap.pixels = {static_cast<uint8_t>(colour >> 16), static_cast<uint8_t>(colour >> 8),
			 static_cast<uint8_t>(colour), 255};
	return bitmap;
}

// Scaled so that it covers width x height, the rest cut off evenly.
Bitmap cover(const Bitmap &bitmap, int width, int height)
{
	const double scale =
		std::max(static_cast<double>(width) / bitmap.width, static_cast<double>(height) / bitmap.height);
	const int part_width = std::clamp(static_cast<int>(std::lround(width / scale)), 1, bitmap.width);
	const int part_height = std::clamp(static_cast<int>(std::lround(height / scale)), 1, bitmap.height);
	const int left = (bitmap.width - part_width) / 2, top = (bitmap.height - part_height) / 2;
	const uint8_t *from = bitmap.pixels.data() + 4 * (static_cast<size_t>(top) * bitmap.width + left);
	Bitmap result(width, height);
	uint8_t *to = result.pixels.data();
	const int from_pitch = 4 * bitmap.width, to_pitch = 4 * width;
	const std::unique_ptr<SwsContext, decltype(&sws_freeContext)> context(
		sws_getContext(part_width, part_height, AV_PIX_FMT_RGBA, width, height, AV_PIX_FMT_RGBA,
			       SWS_BICUBIC | SWS_ACCURATE_RND, nullptr, nullptr, nullptr),
		sws_freeContext);
	if (!context)
		throw Error(fmt::format("the picture of --over cannot be scaled to {}x{}", width, height));
	sws_scale(context.get(), &from, &from_pitch, 0, part_height, &to, &to_pitch);
	return result;
}

uint8_t blend(uint8_t front, uint8_t back, uint8_t alpha)
{
	return static_cast<uint8_t>((front * alpha + back * (255 - alpha) + 127) / 255);
}

} // namespace

Backdrop::Backdrop(const std::string &description) : original_(read_backdrop(description)) {}

void Backdrop::composite(const Picture &picture)
{
	if (scaled_.width != picture.width || scaled_.height != picture.height)
		scaled_ = cover(original_, picture.width, picture.height);
	for (int y = 0; y < picture.height; y++) {
		uint8_t *front = picture.pixels + y * picture.pitch;
		const uint8_t *back = scaled_.pixels.data() + size_t{4} * y * picture.width;
		for (int x = 0; x < picture.width; x++, front += 4, back += 4) {
			for (int channel = 0; channel < 3; channel++)
				front[channel] = blend(front[channel], back[channel], front[3]);
			front[3] = 255;
		}
	}
}

} // namespace matting
