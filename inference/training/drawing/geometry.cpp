// SPDX-License-Identifier: GPL-2.0-or-later
#include "geometry.hpp"

#include <cmath>

namespace matting::training {

Point polar(Point from, double angle, double length)
{
	return {from.x + length * std::cos(angle), from.y + length * std::sin(angle)};
}

Point between(Point from, Point to, double share)
{
	return {std::lerp(from.x, to.x, share), std::lerp(from.y, to.y, share)};
}

Affine Affine::about(Point from, Point to, double angle, double scale_x, double scale_y)
{
	const double c = std::cos(angle), s = std::sin(angle);
	Affine result{c * scale_x, -s * scale_y, 0, s * scale_x, c * scale_y, 0};
	const Point moved = result(from);
	result.x0 = to.x - moved.x;
	result.y0 = to.y - moved.y;
	return result;
}

Affine Affine::inverse() const
{
	const double determinant = xx * yy - xy * yx;
	Affine result{yy / determinant, -xy / determinant, 0, -yx / determinant, xx / determinant, 0};
	result.x0 = -result.xx * x0 - result.xy * y0;
	result.y0 = -result.yx * x0 - result.yy * y0;
	return result;
}

} // namespace matting::training
