// SPDX-License-Identifier: GPL-2.0-or-later
#include "loaded_picture.hpp"

#include "inference/wire/apart.hpp"
#include "plugin/engine/utf8_path.hpp"

#include <fstream>
#include <system_error>

#include <util/platform.h>

namespace matting {
namespace {

constexpr uint64_t look_interval_ns = 1'000'000'000;

}

// libobs writes a line into the log for each file that it cannot open, and this may be tried for hours.
LoadedPicture::Pixels LoadedPicture::read(const std::string &path)
{
	Pixels pixels;
	pixels.what = what_is_at(path);
	if (pixels.what == AtPath::file && !std::ifstream(path_of(path)).is_open())
		pixels.what = AtPath::nothing;
	if (pixels.what == AtPath::file)
		pixels.bytes.reset(
			gs_create_texture_file_data(path.c_str(), &pixels.format, &pixels.width, &pixels.height));
	return pixels;
}

void LoadedPicture::want(const std::string &path)
{
	if (path == path_)
		return;
	path_ = path;
	reading_ = {};
	texture_.reset();
	version_++;
	flaw_ = PictureFlaw::none;
	must_read_ = true;
	looked_ns_ = 0;
}

void LoadedPicture::look()
{
	if (is_ready(reading_))
		take(reading_.get());
	const uint64_t now = os_gettime_ns();
	if (path_.empty() || reading_.valid() || now - looked_ns_ < look_interval_ns)
		return;
	looked_ns_ = now;
	if (watch_.has_changed(path_))
		must_read_ = true;
	try {
		if (must_read_)
			reading_ = begin_apart([path = path_] { return read(path); });
	} catch (const std::system_error &) { // no thread is to be had now: the next look tries again
	}
}

void LoadedPicture::take(const Pixels &pixels)
{
	must_read_ = pixels.what != AtPath::file; // a drive that is not there yet; what is no picture has to change
	if (const uint8_t *levels = pixels.bytes.get()) {
		texture_.reset(gs_texture_create(pixels.width, pixels.height, pixels.format, 1, &levels, 0));
		version_++;
	}
	flaw_ = texture_                         ? PictureFlaw::none
		: pixels.what == AtPath::no_file ? PictureFlaw::no_file
						 : PictureFlaw::unreadable;
}

} // namespace matting
