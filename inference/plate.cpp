// SPDX-License-Identifier: GPL-2.0-or-later
#include "plate.hpp"

#include "jpeg.hpp"

#include "inference/atomic_file.hpp"
#include "inference/orientation.hpp"
#include "inference/sizes.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <png.h>
#include <webp/decode.h>

namespace matting {
namespace {

// More than the largest picture takes that is not packed at all.
constexpr uintmax_t max_file_bytes = uintmax_t{8} * max_dimension * max_dimension;

Bitmap decode_png(std::string_view bytes)
{
	png_image image{};
	image.version = PNG_IMAGE_VERSION;
	const auto check = [&image](int succeeded) {
		if (!succeeded)
			throw Error("engine.damaged_png", "the PNG is damaged ({})", image.message);
	};
	check(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()));
	image.format = PNG_FORMAT_RGBA;
	image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
	try {
		require_possible_plate(image.width, image.height);
	} catch (...) {
		png_image_free(&image);
		throw;
	}
	Bitmap bitmap(static_cast<int>(image.width), static_cast<int>(image.height));
	check(png_image_finish_read(&image, nullptr, bitmap.pixels.data(), 0, nullptr));
	return bitmap;
}

Bitmap decode_webp(std::string_view bytes)
{
	const auto *data = reinterpret_cast<const uint8_t *>(bytes.data());
	WebPBitstreamFeatures features;
	if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK)
		throw Error("engine.damaged_webp", "the WebP is damaged");
	if (features.has_animation)
		throw Error("engine.animation", "it is an animation: choose a picture");
	require_possible_plate(features.width, features.height);
	Bitmap bitmap(features.width, features.height);
	if (!WebPDecodeRGBAInto(data, bytes.size(), bitmap.pixels.data(), bitmap.pixels.size(), 4 * bitmap.width))
		throw Error("engine.damaged_webp", "the WebP is damaged");
	return bitmap;
}

enum class Kind { png, jpeg, webp, other };
constexpr size_t signature_bytes = 12;

Kind kind_of(std::string_view bytes)
{
	if (bytes.starts_with("\x89PNG\r\n\x1a\n"))
		return Kind::png;
	if (bytes.starts_with("\xff\xd8\xff"))
		return Kind::jpeg;
	const bool is_webp =
		bytes.starts_with("RIFF") && bytes.substr(std::min<size_t>(8, bytes.size())).starts_with("WEBP");
	return is_webp ? Kind::webp : Kind::other;
}

Bitmap decode(std::string_view bytes)
{
	switch (kind_of(bytes)) {
	case Kind::png:
		return upright(decode_png(bytes), orientation_of(bytes));
	case Kind::jpeg:
		return decode_jpeg(bytes);
	case Kind::webp:
		return upright(decode_webp(bytes), orientation_of(bytes));
	case Kind::other:
		break;
	}
	throw Error("engine.no_picture", "it is no PNG, JPEG or WebP picture");
}

Error cannot_read(const InputFile &file, const Error &reason)
{
	return Error("engine.cannot_read", "cannot read {}: {}", file.path().string(), reason);
}

} // namespace

void require_possible_plate(int64_t width, int64_t height)
{
	if (std::min(width, height) < 1 || std::max(width, height) > max_dimension)
		throw Error("engine.plate_too_large", "it is {}x{}, and {}x{} is the most", width, height,
			    max_dimension, max_dimension);
}

bool is_plate(const InputFile &file)
try {
	std::string begin(signature_bytes, '\0');
	begin.resize(file.read(0, begin.data(), begin.size()));
	return kind_of(begin) != Kind::other;
} catch (const Error &error) {
	throw cannot_read(file, error);
}

Bitmap read_plate(const InputFile &file)
try {
	return decode(file.read_all(max_file_bytes));
} catch (const Error &error) {
	throw cannot_read(file, error);
}

void write_plate(const std::filesystem::path &path, const Picture &picture)
{
	AtomicFile file(path);
	png_image image{};
	image.version = PNG_IMAGE_VERSION;
	image.width = static_cast<uint32_t>(picture.width);
	image.height = static_cast<uint32_t>(picture.height);
	image.format = PNG_FORMAT_RGBA;
	if (!png_image_write_to_file(&image, file.temporary().string().c_str(), 0, picture.pixels,
				     static_cast<png_int_32>(picture.pitch), nullptr))
		throw Error("engine.cannot_write", "cannot write {}: {}", path.string(), image.message);
	file.commit();
}

} // namespace matting
