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

	/// To be asked in each frame, in which it also looks at its files: what is wrong with a picture that it is to draw, if only
	/// that none was chosen.
	PictureFlaw flaw();

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
