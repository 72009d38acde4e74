// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "media.hpp"

#include <functional>
#include <memory>
#include <string>

namespace matting {

/// What a result is composited over: a colour, a picture or a video, scaled to cover and cropped about its centre. A video
/// begins again at its end. Thread-safety: none.
class Backdrop {
public:
	/// `description`: a file, - for a picture from the standard input, or a colour as `parse_colour` takes it. `is_stopped` as in
	/// ReadSettings. Throws Error.
	explicit Backdrop(const std::string &description, std::function<bool()> is_stopped = nullptr);
	/// False if something can be seen through it, or, in a video, could be.
	bool is_opaque() const { return is_opaque_; }
	/// Blends in place, in sRGB-encoded values as image editors do, what is to be seen at `seconds`, which grow.
	void composite(const Picture &picture, double seconds, Fraction pixel_aspect = {1, 1});

private:
	void open();
	void advance(double seconds);
	void show(TimedBitmap frame);

	std::string description_;
	std::function<bool()> is_stopped_;
	std::unique_ptr<MediaReader> reader_; // of a video
	Bitmap shown_;                        // one pixel for a colour
	Fraction shown_aspect_{1, 1};         // of its pixels
	std::optional<TimedBitmap> next_;
	double begin_ = 0; // of this round
	double end_ = 0;   // of what is shown, if nothing comes next
	Bitmap scaled_;    // what is shown, or empty
	bool is_opaque_ = true;
};

} // namespace matting
