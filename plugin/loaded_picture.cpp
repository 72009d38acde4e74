// SPDX-License-Identifier: GPL-2.0-or-later
#include "loaded_picture.hpp"

#include "apart.hpp"

#include <chrono>
#include <system_error>

namespace matting {

LoadedPicture::Pixels LoadedPicture::read(const std::string &path)
{
	Pixels pixels;
	pixels.bytes.reset(gs_create_texture_file_data(path.c_str(), &pixels.format, &pixels.width, &pixels.height));
	return pixels;
}

void LoadedPicture::want(const std::string &path, int64_t number)
{
	if (path == path_ && number == number_)
		return;
	try {
		reading_ = path.empty() ? std::future<Pixels>() : begin_apart([path] { return read(path); });
	} catch (const std::system_error &) { // no thread is to be had now: the next frame tries again
		return;
	}
	if (path != path_) {
		texture_.reset();
		version_++;
	}
	path_ = path;
	number_ = number;
}

gs_texture_t *LoadedPicture::texture()
{
	if (reading_.valid() && reading_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
		const Pixels pixels = reading_.get();
		const uint8_t *levels = pixels.bytes.get();
		if (levels)
			texture_.reset(gs_texture_create(pixels.width, pixels.height, pixels.format, 1, &levels, 0));
		version_++;
	}
	return texture_.get();
}

} // namespace matting
