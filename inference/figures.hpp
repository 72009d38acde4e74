// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace matting {

/// What a result tells of itself, and of the plate that it was made with. Shares are 0 to 1.
struct MatteFigures {
	double opaque = 0;                   ///< share of the pixels whose alpha is above a half
	double left = 0, right = 0, top = 0; ///< the same of the pixels at these edges
	double fit = 1; ///< how far the frame is the plate where the result shows nobody; 1 where that cannot be told
	double movement = 0;                 ///< of the camera since the plate was taken, in pixels: it is undone
	double red = 1, green = 1, blue = 1; ///< the light, by that of the plate: it is undone, too
	double gone = 0;   ///< share of its edge that is the plate's and not the frame's; 0 where that cannot be told
	double unseen = 0; ///< share of the picture that the plate does not show: the camera was turned
};

/// How far a result can be trusted.
enum class Verdict : uint32_t {
	good,
	poor, ///< the plate fits badly: a new one would be better
	room, ///< it is the room, or much of it: not to be shown
};

/// What is wrong with a captured plate.
enum class PlateFlaw : uint32_t {
	none,
	somebody, ///< or something moved through a part of it while it was captured
	moved,    ///< all of it did: the camera, or its light
};

// Note [Everything is foreground]
// A plate of another room, or of this one from elsewhere, makes much of it foreground: the room, opaque. Two things tell.
// Where the matte shows nobody, the frame is not what the plate is: Note [What is seen of the room is the plate's]; a lamp or a
// shadow does some of that, too, and so a matte that shows little is given more. And nobody's figure reaches the left edge, the
// right one and the upper one and most of what lies between, unless somebody stands before the lens; who fills three quarters
// of the picture leaves at least one of these free.
constexpr Verdict judge(const MatteFigures &figures)
{
	constexpr double all = 0.8, much = 0.4, little = 0.05, edge = 0.35;
	constexpr double poor_fit = 0.75, foreign_fit = 0.7, least_fit = 0.5;
	const bool reaches_all_edges = figures.left > edge && figures.right > edge && figures.top > edge;
	const bool is_foreign =
		figures.opaque > little && figures.fit < (figures.opaque > much ? foreign_fit : least_fit);
	if (is_foreign || figures.opaque > all || (figures.opaque > much && reaches_all_edges))
		return Verdict::room;
	constexpr double much_unseen = 0.06; // some of somebody may lack there
	return figures.fit < poor_fit || figures.unseen > much_unseen ? Verdict::poor : Verdict::good;
}

/// Whether what it shows is not there any more: the plate has somebody in it, or a thing that was taken away.
constexpr bool shows_who_has_gone(const MatteFigures &figures)
{
	return figures.gone > 0.5; // of drawn people it is above 0.65, and below 0.35 of those who are there
}

} // namespace matting
