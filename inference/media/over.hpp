// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/bitmap.hpp"

#include <string>

namespace matting {

/// What a result is composited over: a colour, or a picture scaled to cover and cropped about its centre.
class Backdrop {
public:
	/// `description`: #RRGGBB or the path of a picture. Throws Error.
	explicit Backdrop(const std::string &description);
	/// Blends in place, in sRGB-encoded values as image editors do; alpha is 255 afterwards.
	void composite(const Picture &picture);

private:
	Bitmap original_; // one pixel for a colour
	Bitmap scaled_;
};

} // namespace matting
