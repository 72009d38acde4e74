// SPDX-License-Identifier: GPL-2.0-or-later
// Places, and where a picture is put.
#pragma once

namespace matting::training {

struct Point {
	double x, y;
};

/// In that direction (radians), so far away.
Point polar(Point from, double angle, double length);
/// `share`: 0 is the first, 1 the second.
Point between(Point from, Point to, double share);

/// x' = xx * x + xy * y + x0, and so on.
struct Affine {
	double xx, xy, x0, yx, yy, y0;

	/// Turned by `angle`, stretched, then moved so that `from` comes to `to`.
	static Affine about(Point from, Point to, double angle, double scale_x, double scale_y);
	Affine inverse() const;
	Point operator()(Point point) const
	{
		return {xx * point.x + xy * point.y + x0, yx * point.x + yy * point.y + y0};
	}
};

} // namespace matting::training
