// SPDX-License-Identifier: GPL-2.0-or-later
#include "jpeg.hpp"

#include "inference/orientation.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <libexif/exif-data.h>
#include <turbojpeg.h>

namespace matting {
namespace {

template<auto destroy> struct Destroy {
	template<typename Handle> void operator()(Handle *handle) const noexcept { destroy(handle); }
};
using Decompressor = std::unique_ptr<void, Destroy<tjDestroy>>;
using Exif = std::unique_ptr<ExifData, Destroy<exif_data_unref>>;

const uint8_t *begin(std::string_view bytes)
{
	return reinterpret_cast<const uint8_t *>(bytes.data());
}

// What a decoder can tell that changes no pixel; all else is a damaged picture, and half a picture is none.
void check(tjhandle decompressor, int result)
{
	const std::string words = tjGetErrorStr2(decompressor);
	if (result != 0 && words.find("extraneous bytes") == std::string::npos)
		throw Error("engine.damaged_jpeg", "the JPEG is damaged ({})", words);
}

// As Adobe writes it: 255 is no ink.
void cmyk_to_rgba(std::vector<uint8_t> &pixels)
{
	for (size_t i = 0; i < pixels.size(); i += 4) {
		const unsigned key = pixels[i + 3];
		for (size_t channel = 0; channel < 3; channel++)
			pixels[i + channel] = static_cast<uint8_t>((pixels[i + channel] * key + 127) / 255);
		pixels[i + 3] = 255;
	}
}

// 1 to 8, as EXIF counts; 1 where it says nothing.
int orientation(std::string_view bytes)
{
	const Exif exif(exif_data_new_from_data(begin(bytes), static_cast<unsigned>(bytes.size())));
	const ExifEntry *entry = exif ? exif_content_get_entry(exif->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION) : nullptr;
	if (!entry || entry->format != EXIF_FORMAT_SHORT || entry->size < 2)
		return 1;
	const int value = exif_get_short(entry->data, exif_data_get_byte_order(exif.get()));
	return value >= 1 && value <= 8 ? value : 1;
}

} // namespace

Bitmap decode_jpeg(std::string_view bytes)
{
	const Decompressor decompressor(tjInitDecompress());
	if (!decompressor)
		throw Error("engine.no_memory", "there is not enough memory for this");
	int width = 0, height = 0, sampling = 0, colours = 0;
	check(decompressor.get(), tjDecompressHeader3(decompressor.get(), begin(bytes), bytes.size(), &width, &height,
						      &sampling, &colours));
	if (width == 0 || height == 0)
		throw Error("engine.damaged_jpeg", "the JPEG is damaged ({})", "it ends too early");
	require_possible_plate(width, height);
	const bool is_cmyk = colours == TJCS_CMYK || colours == TJCS_YCCK;
	Bitmap bitmap(width, height);
	check(decompressor.get(),
	      tjDecompress2(decompressor.get(), begin(bytes), bytes.size(), bitmap.pixels.data(), width, 4 * width,
			    height, is_cmyk ? TJPF_CMYK : TJPF_RGBA, TJFLAG_ACCURATEDCT));
	if (is_cmyk)
		cmyk_to_rgba(bitmap.pixels);
	return upright(std::move(bitmap), orientation(bytes));
}

} // namespace matting
