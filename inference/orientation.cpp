// SPDX-License-Identifier: GPL-2.0-or-later
#include "orientation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace matting {
namespace {

using namespace std::string_view_literals;

/// So many bytes there as a number; 0 where there are none.
size_t number_at(std::string_view bytes, size_t position, size_t count, bool is_big_endian)
{
	size_t number = 0;
	if (position > bytes.size() || bytes.size() - position < count)
		return 0;
	for (size_t i = 0; i < count; i++)
		number |= size_t{static_cast<uint8_t>(bytes[position + i])} << 8 * (is_big_endian ? count - 1 - i : i);
	return number;
}

// TIFF 6.0, section 2: also what EXIF is in.
int orientation_in_tiff(std::string_view tiff)
{
	const bool is_big_endian = tiff.starts_with("MM\0*"sv);
	if (!is_big_endian && !tiff.starts_with("II*\0"sv))
		return 1;
	const auto number = [&](size_t position, size_t count) {
		return number_at(tiff, position, count, is_big_endian);
	};
	constexpr size_t orientation = 274, two_bytes = 3;
	const size_t directory = number(4, 4), entries = number(directory, 2);
	for (size_t entry = directory + 2, end = entry + 12 * entries; entry < end; entry += 12)
		if (number(entry, 2) == orientation && number(entry + 2, 2) == two_bytes)
			if (const size_t value = number(entry + 8, 2); value >= 1 && value <= 8)
				return static_cast<int>(value);
	return 1;
}

std::string_view part(std::string_view bytes, size_t position, size_t size)
{
	return position > bytes.size() ? std::string_view() : bytes.substr(position, size);
}

std::string_view without_signature(std::string_view exif)
{
	constexpr std::string_view signature = "Exif\0\0"sv;
	return exif.substr(exif.starts_with(signature) ? signature.size() : 0);
}

// ITU-T T.81, B.1.1; EXIF 2.3, 4.7.2.
std::string_view exif_in_jpeg(std::string_view jpeg)
{
	constexpr size_t app1 = 0xffe1, start_of_scan = 0xffda;
	for (size_t segment = 2;;) {
		const size_t marker = number_at(jpeg, segment, 2, true), size = number_at(jpeg, segment + 2, 2, true);
		const std::string_view content = part(jpeg, segment + 4, std::max(size, size_t{2}) - 2);
		if (marker == app1 && content.starts_with("Exif"))
			return without_signature(content);
		if (marker <= 0xff00 || marker == start_of_scan)
			return {};
		segment += marker == 0xffff ? 1 : 2 + size; // a marker may be preceded by fill bytes
	}
}

// PNG, third edition, 5.3 and 11.3.4.
std::string_view exif_in_png(std::string_view png)
{
	for (size_t chunk = 8; chunk < png.size(); chunk += 12 + number_at(png, chunk, 4, true))
		if (part(png, chunk + 4, 4) == "eXIf")
			return part(png, chunk + 8, number_at(png, chunk, 4, true));
	return {};
}

// RFC 9649, 2.3 and 2.7.
std::string_view exif_in_webp(std::string_view webp)
{
	for (size_t chunk = 12, size; chunk < webp.size(); chunk += 8 + size + size % 2) {
		size = number_at(webp, chunk + 4, 4, false);
		if (part(webp, chunk, 4) != "EXIF")
			continue;
		return without_signature(part(webp, chunk + 8, size)); // some write it here, too
	}
	return {};
}

} // namespace

int orientation_of(std::string_view file)
{
	if (file.starts_with("\xff\xd8"))
		return orientation_in_tiff(exif_in_jpeg(file));
	if (file.starts_with("\x89PNG\r\n\x1a\n"))
		return orientation_in_tiff(exif_in_png(file));
	if (file.starts_with("RIFF") && part(file, 8, 4) == "WEBP")
		return orientation_in_tiff(exif_in_webp(file));
	return orientation_in_tiff(file);
}

Bitmap upright(Bitmap stored, int orientation)
{
	if (orientation == 1)
		return stored;
	const bool is_transposed = orientation >= 5;
	const bool flips_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
	const bool flips_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
	Bitmap shown = is_transposed ? Bitmap(stored.height, stored.width) : Bitmap(stored.width, stored.height);
	for (int y = 0; y < shown.height; y++)
		for (int x = 0; x < shown.width; x++) {
			int from_x = is_transposed ? y : x, from_y = is_transposed ? x : y;
			from_x = flips_x ? stored.width - 1 - from_x : from_x;
			from_y = flips_y ? stored.height - 1 - from_y : from_y;
			const uint8_t *from = &stored.pixels[size_t{4} * (size_t{1} * from_y * stored.width + from_x)];
			std::copy_n(from, 4, &shown.pixels[size_t{4} * (size_t{1} * y * shown.width + x)]);
		}
	return shown;
}

} // namespace matting
