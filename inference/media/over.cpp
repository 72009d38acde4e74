// SPDX-License-Identifier: GPL-2.0-or-later
#include "over.hpp"

#include "media.hpp"

#include <charconv>

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

uint8_t blend(uint8_t front, uint8_t back, uint8_t alpha)
{
	return static_cast<uint8_t>((front * alpha + back * (255 - alpha) + 127) / 255);
}

} // namespace

Backdrop::Backdrop(const std::string &description) : original_(read_backdrop(description)) {}

void Backdrop::composite(const Picture &picture)
{
	if (scaled_.width != picture.width || scaled_.height != picture.height)
		scaled_ = scale_to_cover(original_.picture(), picture.width, picture.height);
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
