// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "graphics.hpp"

#include <future>
#include <string>

namespace matting {

/// A picture file as a texture, read on a thread of its own, which nobody waits for. Graphics thread only, context held.
class LoadedPicture {
public:
	/// From now on that file's; empty: none. With another number it is read again, and the one of before serves until then.
	void want(const std::string &path, int64_t number = 0);
	/// Null until it is read, or if it cannot be.
	gs_texture_t *texture();
	/// Whether there is a file that has been read and is no picture.
	bool is_unreadable() const { return !path_.empty() && !reading_.valid() && !texture_; }
	/// How often it has become another one.
	unsigned version() const { return version_; }

private:
	struct Pixels {
		std::unique_ptr<uint8_t, Destroy<bfree>> bytes;
		gs_color_format format = GS_UNKNOWN;
		uint32_t width = 0, height = 0;
	};
	static Pixels read(const std::string &path);

	std::string path_;
	int64_t number_ = 0;
	std::future<Pixels> reading_;
	Texture texture_;
	unsigned version_ = 0;
};

} // namespace matting
