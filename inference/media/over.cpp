// SPDX-License-Identifier: GPL-2.0-or-later
#include "over.hpp"

#include "file_names.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace matting {
namespace {

Bitmap plain(const std::array<uint8_t, 4> &colour)
{
	Bitmap bitmap(1, 1);
	bitmap.pixels.assign(colour.begin(), colour.end());
	return bitmap;
}

bool has_only_opaque_pixels(const Bitmap &bitmap)
{
	for (size_t i = 3; i < bitmap.pixels.size(); i += 4)
		if (bitmap.pixels[i] != 255)
			return false;
	return true;
}

uint8_t blend(uint8_t front, uint8_t back, uint8_t alpha)
{
	return static_cast<uint8_t>((front * alpha + back * (255 - alpha) + 127) / 255);
}

// Over an opaque pixel; or, with straight alpha on both sides, over any.
void blend_pixel(uint8_t *front, const uint8_t *back)
{
	const int through = (255 - front[3]) * back[3]; // of 255 * 255
	const int alpha = front[3] * 255 + through;
	if (back[3] == 255) {
		for (int channel = 0; channel < 3; channel++)
			front[channel] = blend(front[channel], back[channel], front[3]);
	} else if (alpha > 0) {
		for (int channel = 0; channel < 3; channel++)
			front[channel] = static_cast<uint8_t>(
				(front[channel] * front[3] * 255 + back[channel] * through + alpha / 2) / alpha);
	}
	front[3] = static_cast<uint8_t>((alpha + 127) / 255);
}

} // namespace

Backdrop::Backdrop(const std::string &description, std::function<bool()> is_stopped)
	: description_(description), is_stopped_(std::move(is_stopped))
{
	std::error_code ignored;
	const bool is_file = std::filesystem::exists(description, ignored) || is_sequence_name(description);
	const bool is_word = description.find_first_of("/.") == std::string::npos;
	if (const auto colour = is_file ? std::nullopt : parse_colour(description))
		shown_ = plain(*colour);
	else if (!is_file && is_word)
		throw Error(description + " is neither a colour nor a file: write a name, or 20A040");
	else
		open();
	is_opaque_ = has_only_opaque_pixels(shown_);
}

void Backdrop::open()
{
	reader_ = open_media(description_, {.is_stopped = is_stopped_});
	shown_ = std::move(reader_->read().value().bitmap);
	next_ = reader_->read();
	if (!next_ && begin_ == 0)
		reader_.reset(); // a picture
	scaled_ = {};
}

void Backdrop::advance(double seconds)
{
	while (reader_) {
		const FrameTiming &timing = reader_->facts().timing;
		if (next_) {
			const double rounding = 0.25 / timing.rate.value();
			const double begin = begin_ + static_cast<double>(next_->time) * timing.unit.value();
			if (begin > seconds + rounding)
				return;
			last_ = begin;
			shown_ = std::move(next_->bitmap);
			scaled_ = {};
			next_ = reader_->read();
		} else {
			const double end = last_ + 1 / timing.rate.value();
			if (end > seconds + 0.25 / timing.rate.value())
				return;
			begin_ = last_ = end;
			open();
		}
	}
}

void Backdrop::composite(const Picture &picture, double seconds, Fraction pixel_aspect)
{
	advance(seconds);
	if (scaled_.width != picture.width || scaled_.height != picture.height)
		scaled_ = scale_to_cover(shown_.picture(), picture.width, picture.height, pixel_aspect);
	for (int y = 0; y < picture.height; y++) {
		uint8_t *front = picture.pixels + y * picture.pitch;
		const uint8_t *back = scaled_.pixels.data() + size_t{4} * y * picture.width;
		for (int x = 0; x < picture.width; x++, front += 4, back += 4)
			blend_pixel(front, back);
	}
}

} // namespace matting
