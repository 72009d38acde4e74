// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps the plate where the camera looks, and in the light that there is.
//
// Note [Following the plate]
// A camera that was touched, or that corrects its light, makes half of the room foreground: it differs from the plate. Each
// frame is looked at before it is matted: small, by a few thousand points of the plate that have a texture. As long as these
// fit as they did, nothing is done; now and then, and at once when they do not, the movement and the light are estimated
// anew, and if that fits better the plate is brought over. What the plate does not show of the moved picture is matted no
// better than at the nearest place that it does show.
#pragma once

#include "alignment.hpp"
#include "bitmap.hpp"
#include "figures.hpp"
#include "options.hpp"
#include "small_picture.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>

namespace matting {

/// How pictures in a device's memory are looked at, and written.
struct RemotePictures {
	/// Brings the rows `first`, `first + every`, ... to their places in a picture of the same size on the CPU.
	std::function<void(const Picture &from, int first, int every, const Picture &to)> read_rows;
	/// Brings back a whole one.
	std::function<void(const Picture &from, const Picture &to)> write;
	/// Makes both faster for this picture on the CPU, for as long as what it returns lives.
	std::function<std::shared_ptr<void>(const Picture &picture)> pin;
};

/// Thread-safety: none.
class PlateFollower {
public:
	/// For frames and results that are not on the CPU.
	void set_remote(RemotePictures remote) { remote_ = std::move(remote); }
	/// Of the size of the frames to come; from now on it is as it was given. RGBA8 on the CPU.
	void set_plate(const Picture &plate);

	/// Looks at a frame of that size before it is matted. True: the plate has changed.
	bool look(const Picture &frame);
	/// As the frames now want it.
	Picture plate() { return moved_.picture(); }

	/// After matting: takes the room out of a result, or of its alpha, where the plate does not reach.
	void clear_unknown(const Picture &result, View view = View::result);

	/// Of a result of the frame that was looked at last, and of the plate that it was made with.
	MatteFigures figures_of(const Picture &result);

	/// How well the plate fits the last frame: 0..1, or nothing where it has too little texture to tell.
	std::optional<double> fit() const;
	/// How far the plate was moved, in pixels; and its light: red, green and blue of the frames by the plate's.
	double movement() const;
	/// The share of the picture that the plate does not show any more.
	double unseen() const;
	const std::array<double, 3> &light() const { return light_; }

private:
	/// Of both small pictures, 0 to 255.
	struct LitPoint {
		std::array<float, 3> plate, frame;
	};
	/// Rows and columns at the edges that the plate does not show.
	struct Margins {
		int left = 0, top = 0, right = 0, bottom = 0;
	};
	Picture here(const Picture &picture, int first, int every, int period);
	void clear_margins(const Picture &result, View view) const;
	void shrink(const Picture &original, bool thorough, SmallPicture &small);
	bool estimate(const SmallPicture &frame, bool far);
	std::array<double, 3> measure_light(const SmallPicture &frame, const Alignment &alignment);
	void move_plate();
	Margins unknown_margins(const Homography &plate_of_frame) const;
	void note_hidden(const Picture &result);
	double visible_fit() const;
	double plain_fit() const;
	double share_of_the_plates_edge() const;

	RemotePictures remote_;
	Bitmap copy_;                  // of a remote picture: the rows that were asked for
	std::shared_ptr<void> pinned_; // the same
	Bitmap given_, moved_;
	SmallPicture small_;             // of the given one
	SmallPicture glance_, thorough_; // of the last frame
	std::vector<Grey> smaller_;
	std::vector<LitPoint> lit_;   // what the light is measured by
	std::vector<uint8_t> hidden_; // pixels of the small frame: 1 where somebody is
	std::optional<AlignmentTarget> target_;
	Alignment alignment_, used_; // the latest, and the one that `moved_` was made by
	std::array<double, 3> light_{1, 1, 1}, used_light_{1, 1, 1};
	Margins margins_;
	double fit_ = 0, usual_fit_ = 0;
	int frames_ = 0; // since the last estimate
	int pause_ = 0;  // frames before the next one, at least
};

} // namespace matting
