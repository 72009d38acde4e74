// SPDX-License-Identifier: GPL-2.0-or-later
#include "image.hpp"

#include <algorithm>
#include <cmath>

namespace matting::training {
namespace {

int mirrored(int i, int count)
{
	const int period = 2 * count;
	i %= period;
	i += i < 0 ? period : 0;
	return i < count ? i : period - 1 - i;
}

int floor_of(float x)
{
	const int i = static_cast<int>(x);
	return i - (x < static_cast<float>(i));
}

} // namespace

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

Bitmap::Bitmap(const uint8_t *pixels, int width, int height)
{
	levels_.push_back({width, height, {pixels, pixels + static_cast<size_t>(4) * width * height}});
	for (int i = 1; i < 3; i++) {
		const Level &from = levels_[i - 1];
		Level to{from.width / 2, from.height / 2, {}};
		to.pixels.reserve(static_cast<size_t>(4) * to.width * to.height);
		for (int y = 0; y < to.height; y++) {
			const uint8_t *upper = &from.pixels[static_cast<size_t>(8) * y * from.width];
			const uint8_t *lower = upper + static_cast<size_t>(4) * from.width;
			for (int x = 0; x < 4 * to.width; x++) {
				const int at = x / 4 * 8 + x % 4;
				to.pixels.push_back(static_cast<uint8_t>(
					(upper[at] + upper[at + 4] + lower[at] + lower[at + 4] + 2) / 4));
			}
		}
		levels_.push_back(std::move(to));
	}
}

void Bitmap::draw(Image &result, const Affine &placement, bool mirrored_outside, const Sway *sway) const
{
	const double scale = std::sqrt(std::abs(placement.xx * placement.yy - placement.xy * placement.yx));
	const int index = scale > 0.6 ? 0 : scale > 0.3 ? 1 : 2;
	const Level &level = levels_[index];
	const Affine back = placement.inverse();
	const float shrink = 1.F / static_cast<float>(1 << index);
	const auto pixel_at = [&](int x, int y) -> const uint8_t * {
		static constexpr uint8_t nothing[4]{};
		if (mirrored_outside) {
			x = mirrored(x, level.width);
			y = mirrored(y, level.height);
		} else if (x < 0 || y < 0 || x >= level.width || y >= level.height) {
			return nothing;
		}
		return &level.pixels[4 * (static_cast<size_t>(y) * level.width + x)];
	};
	size_t place = 0;
	for (int y = 0; y < result.height; y++) {
		for (int x = 0; x < result.width; x++, place++) {
			auto u = static_cast<float>(back.xx * (x + 0.5) + back.xy * (y + 0.5) + back.x0);
			auto v = static_cast<float>(back.yx * (x + 0.5) + back.yy * (y + 0.5) + back.y0);
			if (sway) {
				const int row = std::clamp(static_cast<int>(v), 0, height() - 1);
				const int column = std::clamp(static_cast<int>(u), 0, this->width() - 1);
				u += sway->x_by_row[row];
				v += sway->y_by_column[column];
			}
			u = u * shrink - 0.5F;
			v = v * shrink - 0.5F;
			const int left = floor_of(u), top = floor_of(v);
			if (!mirrored_outside && (left < -1 || top < -1 || left >= level.width || top >= level.height))
				continue;
			const float right_share = u - static_cast<float>(left),
				    lower_share = v - static_cast<float>(top);
			const uint8_t *pixels[]{pixel_at(left, top), pixel_at(left + 1, top), pixel_at(left, top + 1),
						pixel_at(left + 1, top + 1)};
			const float weights[]{(1 - right_share) * (1 - lower_share) / 255,
					      right_share * (1 - lower_share) / 255,
					      (1 - right_share) * lower_share / 255, right_share * lower_share / 255};
			for (int channel = 0; channel < result.channels; channel++) {
				const int byte = channel == 3 ? 3 : 2 - channel;
				float sum = 0;
				for (int i = 0; i < 4; i++)
					sum += weights[i] * static_cast<float>(pixels[i][byte]);
				result.plane(channel)[place] = sum;
			}
		}
	}
}

Image transformed(const Image &image, const Affine &placement)
{
	const Affine back = placement.inverse();
	Image result(image.channels, image.height, image.width);
	size_t place = 0;
	for (int y = 0; y < image.height; y++)
		for (int x = 0; x < image.width; x++, place++) {
			const auto u = static_cast<float>(back.xx * (x + 0.5) + back.xy * (y + 0.5) + back.x0 - 0.5);
			const auto v = static_cast<float>(back.yx * (x + 0.5) + back.yy * (y + 0.5) + back.y0 - 0.5);
			const int left = floor_of(u), top = floor_of(v);
			const float right_share = u - static_cast<float>(left),
				    lower_share = v - static_cast<float>(top);
			const int column = mirrored(left, image.width), next = mirrored(left + 1, image.width);
			const int row = mirrored(top, image.height) * image.width,
				  below = mirrored(top + 1, image.height) * image.width;
			for (int channel = 0; channel < image.channels; channel++) {
				const float *from = image.plane(channel);
				const float upper =
					from[row + column] + (from[row + next] - from[row + column]) * right_share;
				const float lower = from[below + column] +
						    (from[below + next] - from[below + column]) * right_share;
				result.plane(channel)[place] = upper + (lower - upper) * lower_share;
			}
		}
	return result;
}

Image smooth_field(Random &random, int height, int width, int cells)
{
	const int side = cells + 1;
	std::vector<float> lattice(static_cast<size_t>(side) * side);
	for (float &value : lattice)
		value = static_cast<float>(random.between(-1, 1));
	const auto smooth = [](float t) {
		return t * t * (3 - 2 * t);
	};
	Image result(1, height, width);
	for (int y = 0; y < height; y++) {
		const float v = (static_cast<float>(y) + 0.5F) / static_cast<float>(height) * static_cast<float>(cells);
		const int row = static_cast<int>(v);
		const float down = smooth(v - static_cast<float>(row));
		for (int x = 0; x < width; x++) {
			const float u =
				(static_cast<float>(x) + 0.5F) / static_cast<float>(width) * static_cast<float>(cells);
			const int column = static_cast<int>(u);
			const float right = smooth(u - static_cast<float>(column));
			const float *from = &lattice[row * side + column];
			const float upper = from[0] + (from[1] - from[0]) * right;
			const float lower = from[side] + (from[side + 1] - from[side]) * right;
			result.values[static_cast<size_t>(y) * width + x] = upper + (lower - upper) * down;
		}
	}
	return result;
}

void tint(Image &image, double deviation, double level, Random &random)
{
	for (int channel = 0; channel < 3; channel++) {
		const auto factor = static_cast<float>(level * std::exp(deviation * random.normal()));
		for (size_t i = 0; i < image.area(); i++)
			image.plane(channel)[i] *= factor;
	}
}

} // namespace matting::training
