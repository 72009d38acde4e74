// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures to compute with. Plain loops on one thread: whoever wants several makes several pictures.
#pragma once

#include <cstdint>
#include <vector>

#include "canvas.hpp"
#include "random.hpp"

namespace matting::training {

/// Planes of floats; colours are sRGB-encoded, 0..1, red first.
struct Image {
	Image(int channels_, int height_, int width_)
		: channels(channels_), height(height_), width(width_), values(channels_ * area())
	{
	}

	size_t area() const { return static_cast<size_t>(height) * width; }
	float *plane(int channel) { return values.data() + channel * area(); }
	const float *plane(int channel) const { return values.data() + channel * area(); }

	int channels, height, width;
	std::vector<float> values;
};

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

/// Premultiplied RGBA8 at full size, a half and a quarter.
class Bitmap {
public:
	/// `pixels`: rows of 4 * width bytes, in the order blue, green, red, alpha.
	Bitmap(const uint8_t *pixels, int width, int height);

	int width() const { return levels_[0].width; }
	int height() const { return levels_[0].height; }
	uint8_t alpha_at(int x, int y) const
	{
		return levels_[0].pixels[4 * (static_cast<size_t>(y) * width() + x) + 3];
	}

	/// Waves that bend the picture: displacement of x by y, and of y by x, in pixels of the bitmap.
	struct Sway {
		std::vector<float> x_by_row, y_by_column;
	};
	/// Fills all planes of `result`, three or four; `placement` says where the bitmap's places come to. Outside there is
	/// nothing, or the bitmap's mirror image.
	void draw(Image &result, const Affine &placement, bool mirrored_outside, const Sway *sway = nullptr) const;

private:
	struct Level {
		int width, height;
		std::vector<uint8_t> pixels;
	};
	std::vector<Level> levels_;
};

/// Multiplies each channel of colour by `level`, more or less.
void tint(Image &image, double deviation, double level, Random &random);
/// `deviation` in pixels. The borders go on outside.
void blur(Image &image, double deviation);
/// Of premultiplied RGBA only alpha, to the share `where` (0..1, of one plane): what is inside stays sharp. Where it is
/// half transparent then, `density` (of one plane) is added.
void blur_edges(Image &layer, const Image &where, const Image &density, double deviation);
/// Moved along a line of so many pixels while the shutter was open.
void blur_motion(Image &image, double angle, double length);
/// The mirrored picture outside. Bilinear.
Image transformed(const Image &image, const Affine &placement);
/// Smooth values around 0, about -1..1: `cells` random ones in each direction.
Image smooth_field(Random &random, int height, int width, int cells);

} // namespace matting::training
