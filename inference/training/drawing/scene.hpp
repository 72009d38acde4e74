// SPDX-License-Identifier: GPL-2.0-or-later
// What is before the camera: a room, who stands in it, and the shadows that they cast.
#pragma once

#include <memory>
#include <vector>

#include "image.hpp"
#include "picture_store.hpp"

namespace matting::training {

struct View {
	int width, height;
	double frame_height;                                 ///< of the whole frame, in pixels of the view
	double pixel() const { return frame_height / 1080; } ///< of an HD frame
};

struct Scene {
	explicit Scene(const View &view)
		: empty_room(3, view.height, view.width), room(3, view.height, view.width),
		  foreground(3, view.height, view.width), alpha(1, view.height, view.width)
	{
	}

	Image empty_room; ///< as it was when the plate was taken
	Image room;       ///< now: with shadows, in another light
	Image foreground; ///< premultiplied
	Image alpha;
};

/// A part of a room, of a look of its own.
Image draw_room_view(const Bitmap &room, const View &view, Random &random);
/// `room`: what draw_room_view() has made.
Scene compose(const Image &room, const std::vector<std::shared_ptr<const Sprite>> &sprites, const View &view,
	      Random &random);

} // namespace matting::training
