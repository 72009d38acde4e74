// SPDX-License-Identifier: GPL-2.0-or-later
// What `matte` does with single pictures before and after the network.
#pragma once

#include "inference/media/media.hpp"

namespace matting {

/// The empty room.
struct Plate {
	Bitmap bitmap;
	Fraction pixel_aspect;
};

/// A picture, or the first of a video. Throws Error.
Plate read_plate(const std::filesystem::path &path, const std::function<bool()> &is_stopped);

/// As the engine wants it beside this source: in pixels of another shape it shows the same when it is stretched.
Bitmap fitted(Plate &plate, const Bitmap &source, const Fraction &pixel_aspect);

/// That all frames of a source have one size. Thread-safety: none.
class SizeCheck {
public:
	explicit SizeCheck(const MediaFacts &facts) : facts_(facts) {}
	/// Of the next frame. Throws Error, with its number.
	void require_same(const Bitmap &frame);

private:
	const MediaFacts &facts_;
	int64_t count_ = 0;
	int width_ = 0, height_ = 0;
};

/// The alpha of a result as grey.
Bitmap alpha_of(Bitmap &result);

void make_opaque(Bitmap &result);

} // namespace matting
