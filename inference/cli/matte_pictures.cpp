// SPDX-License-Identifier: GPL-2.0-or-later
#include "matte_pictures.hpp"

#include "inference/media/file_names.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace matting {

Plate read_plate(const std::filesystem::path &path, const std::function<bool()> &is_stopped)
{
	const auto reader = open_media(path, {.is_stopped = is_stopped});
	return {std::move(reader->read().value().bitmap), reader->facts().pixel_aspect};
}

Bitmap fitted(Plate &plate, const Bitmap &source, const Fraction &pixel_aspect)
{
	const double stretch = pixel_aspect.value() / plate.pixel_aspect.value();
	const double shape = static_cast<double>(plate.bitmap.width) / plate.bitmap.height;
	const double wanted = stretch * source.width / source.height;
	constexpr double same = 0.01;
	if (std::abs(stretch - 1) < same || std::abs(wanted / shape - 1) > same)
		return Bitmap(plate.bitmap.picture());
	return scale_to_cover(plate.bitmap.picture(), source.width, source.height,
			      ratio(pixel_aspect, plate.pixel_aspect));
}

void SizeCheck::require_same(const Bitmap &frame)
{
	if (count_++ == 0) {
		width_ = frame.width;
		height_ = frame.height;
	}
	if (frame.width == width_ && frame.height == height_)
		return;
	const std::string name =
		facts_.is_sequence ? numbered_name(facts_.path, facts_.first_number + static_cast<int>(count_) - 1)
				   : fmt::format("frame {} of {}", count_, facts_.path.string());
	throw Error(fmt::format("{} has another size than those before it, {}x{} and not {}x{}", name, frame.width,
				frame.height, width_, height_));
}

Bitmap alpha_of(Bitmap &result)
{
	Bitmap alpha(result.picture());
	for (size_t i = 0; i < alpha.pixels.size(); i += 4) {
		std::fill_n(&alpha.pixels[i], 3, alpha.pixels[i + 3]);
		alpha.pixels[i + 3] = 255;
	}
	return alpha;
}

void make_opaque(Bitmap &result)
{
	for (size_t i = 3; i < result.pixels.size(); i += 4)
		result.pixels[i] = 255;
}

} // namespace matting
