// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "file_watch.hpp"
#include "graphics.hpp"

#include <future>
#include <string>

namespace matting {

/// Why a picture that is to be drawn is not. One that is not looked for yet has no flaw.
enum class PictureFlaw { none, unreadable, no_file };

/// A picture file as a texture, read on a thread of its own, which nobody waits for. Graphics thread only, context held.
class LoadedPicture {
public:
	/// From now on that file's; empty: none.
	void want(const std::string &path);
	/// In each frame, drawn or not: takes what has been read. Reads the file again when it can be opened at last, or has been
	/// written anew; the one of before serves until then.
	void look();
	/// Null until it is read, or if it cannot be.
	gs_texture_t *texture() const { return texture_.get(); }
	PictureFlaw flaw() const { return flaw_; }
	/// How often it has become another one.
	unsigned version() const { return version_; }

private:
	struct Pixels {
		AtPath what = AtPath::nothing;
		std::unique_ptr<uint8_t, Destroy<bfree>> bytes;
		gs_color_format format = GS_UNKNOWN;
		uint32_t width = 0, height = 0;
	};
	static Pixels read(const std::string &path);
	void take(const Pixels &pixels);

	std::string path_;
	FileWatch watch_;
	std::future<Pixels> reading_;
	bool must_read_ = false;
	PictureFlaw flaw_ = PictureFlaw::none;
	uint64_t looked_ns_ = 0;
	Texture texture_;
	unsigned version_ = 0;
};

} // namespace matting
