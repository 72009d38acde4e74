// SPDX-License-Identifier: GPL-2.0-or-later
// What is drawn behind the person, or while there is nothing else to draw: never the live room.
#pragma once

#include "loaded_picture.hpp"
#include "settings.hpp"

#include <string>

namespace matting {

/// Graphics thread only, context held.
class Backdrop {
public:
	/// What it may have to draw. `plate`: the background in force.
	void prepare(const Presentation &presentation, const Background &plate);

	/// To be asked in each frame, in which it also looks at its files: whether a picture that it is to draw cannot be read, or
	/// none was chosen.
	bool lacks_picture()
	{
		for (LoadedPicture *picture : {&plate_, &behind_, &not_ready_})
			picture->look();
		const auto lacks = [](Behind what, const std::string &path, const LoadedPicture &picture) {
			return what == Behind::picture && (path.empty() || picture.is_unreadable());
		};
		return lacks(presentation_.behind, presentation_.behind_picture, behind_) ||
		       lacks(presentation_.not_ready, presentation_.not_ready_picture, not_ready_);
	}

	/// Draws into a rectangle of that size, opaque. Nothing where that is wanted, or not read yet.
	void draw_behind(uint32_t width, uint32_t height);
	void draw_not_ready(uint32_t width, uint32_t height);
	void draw_plate(uint32_t width, uint32_t height);

private:
	void draw(Behind what, const LoadedPicture &picture, uint32_t width, uint32_t height);
	gs_texture_t *blurred();
	bool blur_into(TexRender &to, gs_texture_t *from, float x, float y);

	Presentation presentation_;
	LoadedPicture plate_, behind_, not_ready_;
	Effect effect_;
	TexRender first_, blurred_;
	unsigned blurred_version_ = 0; // of the plate
	double blurred_by_ = -1;
};

} // namespace matting
