// SPDX-License-Identifier: GPL-2.0-or-later
#include "jpeg.hpp"

#include "inference/orientation.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <turbojpeg.h>

namespace matting {
namespace {

struct Destroy {
	void operator()(tjhandle handle) const noexcept { tjDestroy(handle); }
};
using Decompressor = std::unique_ptr<void, Destroy>;

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
	return upright(std::move(bitmap), orientation_of(bytes));
}

} // namespace matting
