// SPDX-License-Identifier: GPL-2.0-or-later
// ICC profiles in pictures, by Little CMS.
#pragma once

#include "ffmpeg.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace matting {

/// What a frame's profile holds; empty if it has none. The frame's own.
std::string_view profile_in(const AVFrame &frame);

/// How the colours of a profile become those of sRGB. Thread-safety: none.
class ColourProfile {
public:
	/// `bytes`: of the profile; empty: there is none. Of a profile for other than RGB and, if `is_grey`, grey pictures, and of one
	/// that is damaged, nothing is known but perhaps its name.
	ColourProfile(std::string_view bytes, bool is_grey);

	const std::string &bytes() const { return bytes_; }
	/// Whether it says what the colours are.
	bool is_known() const { return is_known_; }
	std::string note() const;    ///< what a user may want to know; or empty
	std::string warning() const; ///< what is lost; or empty

	/// RGBA8, in place. Throws Error: there is no memory.
	void apply(AVFrame &frame) const;

private:
	struct FreeTransform {
		void operator()(void *transform) const;
	};

	void make_transform(void *profile, bool is_grey);

	std::string bytes_, name_;
	bool is_known_ = false;
	std::unique_ptr<void, FreeTransform> transform_; // null: the colours are left as they are
};

} // namespace matting
