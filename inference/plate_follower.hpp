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

#include <array>
#include <optional>

namespace matting {

/// Thread-safety: none.
class PlateFollower {
public:
	/// Of the size of the frames to come; from now on it is as it was given. RGBA8 on the CPU.
	void set_plate(const Picture &plate);

	/// Looks at a frame, of that size and on the CPU, before it is matted. True: the plate has changed.
	bool look(const Picture &frame);
	/// As the frames now want it.
	Picture plate() { return moved_.picture(); }

	/// After matting: takes the room out of `result` where the plate does not reach.
	void clear_unknown(const Picture &result) const;

	/// Of a result on the CPU, and of the plate that it was made with.
	MatteFigures figures_of(const Picture &result) const;

	/// How well the plate fits the last frame: 0..1, or nothing where it has too little texture to tell.
	std::optional<double> fit() const;
	/// How far the plate was moved, in pixels; and its light: red, green and blue of the frames by the plate's.
	double movement() const;
	const std::array<double, 3> &light() const { return light_; }

private:
	/// Rows and columns at the edges that the plate does not show.
	struct Margins {
		int left = 0, top = 0, right = 0, bottom = 0;
	};
	struct Small {
		std::array<Grey, 3> colours;
		Grey grey;
	};
	static Small shrink(const Picture &picture, bool thorough);
	bool estimate(const Small &frame, bool far);
	std::array<double, 3> measure_light(const Small &frame, const Alignment &alignment) const;
	void move_plate();
	Margins unknown_margins(const Homography &plate_of_frame) const;

	Bitmap given_, moved_;
	Small small_; // of the given one
	std::optional<AlignmentTarget> target_;
	Alignment alignment_, used_; // the latest, and the one that `moved_` was made by
	std::array<double, 3> light_{1, 1, 1}, used_light_{1, 1, 1};
	Margins margins_;
	double fit_ = 0, usual_fit_ = 0;
	int frames_ = 0; // since the last estimate
	int pause_ = 0;  // frames before the next one, at least
};

} // namespace matting
