// SPDX-License-Identifier: GPL-2.0-or-later
#include "over.hpp"

#include "file_names.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace matting {
namespace {

// Of one colour, which starts there.
Bitmap plain(int width, int height, const uint8_t *colour)
{
	Bitmap bitmap(width, height);
	for (size_t i = 0; i < bitmap.pixels.size(); i += 4)
		std::copy_n(colour, 4, &bitmap.pixels[i]);
	return bitmap;
}

bool is_read_once(const std::filesystem::path &path)
{
	std::error_code ignored;
	return path == "-" || std::filesystem::is_fifo(path, ignored);
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
	const bool is_file =
		description == "-" || std::filesystem::exists(description, ignored) || is_sequence_name(description);
	const bool is_word = description.find_first_of("/.") == std::string::npos;
	if (const auto colour = is_file ? std::nullopt : parse_colour(description))
		shown_ = plain(1, 1, colour->data());
	else if (!is_file && is_word)
		throw Error(description + " is neither a colour nor a file: write a name, or 20A040");
	else
		open();
	is_opaque_ = shown_.is_opaque() && !(reader_ && reader_->facts().has_alpha);
}

void Backdrop::open()
{
	reader_ = open_media(description_, {.is_stopped = is_stopped_});
	shown_aspect_ = reader_->facts().pixel_aspect;
	show(reader_->read().value());
	next_ = reader_->read();
	if (next_ && is_read_once(description_))
		throw Error(fmt::format("cannot put the result over {}: a video is shown again and again, and a pipe "
					"is read once; name the video's file",
					description_ == "-" ? "the standard input" : description_));
	if (!next_ && begin_ == 0)
		reader_.reset(); // a picture
}

void Backdrop::show(TimedBitmap frame)
{
	const FrameTiming &timing = reader_->facts().timing;
	end_ = begin_ + std::max(1 / timing.rate.value(), static_cast<double>(frame.duration) * timing.unit.value()) +
	       static_cast<double>(frame.time) * timing.unit.value();
	shown_ = std::move(frame.bitmap);
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
			show(std::move(*next_));
			next_ = reader_->read();
		} else {
			if (end_ > seconds + 0.25 / timing.rate.value())
				return;
			begin_ = end_;
			open();
		}
	}
}

void Backdrop::composite(const Picture &picture, double seconds, Fraction pixel_aspect)
{
	advance(seconds);
	if (scaled_.width != picture.width || scaled_.height != picture.height)
		scaled_ = shown_.pixels.size() == 4 ? plain(picture.width, picture.height, shown_.pixels.data())
						    : scale_to_cover(shown_.picture(), picture.width, picture.height,
								     ratio(pixel_aspect, shown_aspect_));
	for (int y = 0; y < picture.height; y++) {
		uint8_t *front = picture.pixels + y * picture.pitch;
		const uint8_t *back = scaled_.pixels.data() + size_t{4} * y * picture.width;
		for (int x = 0; x < picture.width; x++, front += 4, back += 4)
			blend_pixel(front, back);
	}
}

} // namespace matting
