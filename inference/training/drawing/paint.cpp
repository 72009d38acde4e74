// SPDX-License-Identifier: GPL-2.0-or-later
#include "material.hpp"

#include <algorithm>
#include <vector>

namespace matting::training {
namespace {

struct Surface {
	Surface(cairo_format_t format, int width, int height)
		: owner(cairo_image_surface_create(format, width, height), cairo_surface_destroy),
		  pixels(cairo_image_surface_get_data(owner.get())), stride(cairo_image_surface_get_stride(owner.get()))
	{
	}

	std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> owner;
	uint8_t *pixels;
	int stride;
};

// How far inside the shape a place is, 0..1, at a fraction of the size: the mask, blurred.
class Relief {
public:
	Relief(const Surface &mask, int width, int height, double radius)
		: step_(std::clamp(static_cast<int>(radius / 4), 1, 16)), columns_(width / step_ + 2),
		  rows_(height / step_ + 2), values_(static_cast<size_t>(columns_) * rows_)
	{
		for (int row = 0; row * step_ < height; row++)
			for (int column = 0; column * step_ < width; column++)
				values_[row * columns_ + column] = static_cast<float>(
					mask.pixels[row * step_ * mask.stride + column * step_] / 255.0);
		const int reach = std::max(1, static_cast<int>(radius / step_ / 2));
		for (int pass = 0; pass < 2; pass++) {
			for (int row = 0; row < rows_; row++)
				blur(&values_[row * columns_], columns_, 1, reach);
			for (int column = 0; column < columns_; column++)
				blur(&values_[column], rows_, columns_, reach);
		}
	}

	float at(int x, int y) const
	{
		const int column = x / step_, row = y / step_;
		const float right = static_cast<float>(x % step_) / static_cast<float>(step_);
		const float down = static_cast<float>(y % step_) / static_cast<float>(step_);
		const float *from = &values_[row * columns_ + column];
		return std::lerp(std::lerp(from[0], from[1], right),
				 std::lerp(from[columns_], from[columns_ + 1], right), down);
	}

	int step() const { return step_; }

private:
	void blur(float *line, int count, int stride, int reach)
	{
		// Beyond the border there is nothing of the shape.
		line_.assign(count, 0);
		float sum = 0;
		for (int i = -reach; i < count; i++) {
			if (i + reach < count)
				sum += line[(i + reach) * stride];
			if (i - reach - 1 >= 0)
				sum -= line[(i - reach - 1) * stride];
			if (i >= 0)
				line_[i] = sum / static_cast<float>(2 * reach + 1);
		}
		for (int i = 0; i < count; i++)
			line[i * stride] = line_[i];
	}

	int step_, columns_, rows_;
	std::vector<float> values_, line_;
};

// Near its outline a round thing turns away from the eye, and from the lamp on one side.
class Shading {
public:
	Shading(const Light &light, const Surface &mask, int width, int height)
		: light_(light), x_(static_cast<float>(std::cos(light.angle))),
		  y_(static_cast<float>(std::sin(light.angle))),
		  relief_(mask, width, height, std::max(2.0, light.rounding)), width_(width), height_(height)
	{
	}

	float at(int x, int y) const
	{
		if (light_.depth == 0 && light_.contrast == 0)
			return 1;
		const float inside = std::min(1.F, relief_.at(x, y));
		const int step = relief_.step();
		const float right = relief_.at(std::min(x + step, width_ - 1), y) - inside;
		const float down = relief_.at(x, std::min(y + step, height_ - 1)) - inside;
		const float slope = static_cast<float>(light_.rounding) / static_cast<float>(step);
		const float lit = std::clamp(-(right * x_ + down * y_) * slope, -1.F, 1.F);
		const float edge = 1 - inside;
		return (1 - 2 * static_cast<float>(light_.depth) * edge * edge) *
		       (1 + static_cast<float>(light_.contrast) * lit);
	}

private:
	Light light_;
	float x_, y_;
	Relief relief_;
	int width_, height_;
};

uint8_t byte(float value)
{
	return static_cast<uint8_t>(std::clamp(value, 0.F, 1.F) * 255 + 0.5F);
}

struct Box {
	int x, y, width, height;
};

Box path_box(const Canvas &canvas)
{
	double left, top, right, bottom;
	cairo_fill_extents(canvas, &left, &top, &right, &bottom);
	const int x = std::max(0, static_cast<int>(std::floor(left)));
	const int y = std::max(0, static_cast<int>(std::floor(top)));
	return {x, y, std::min(canvas.width(), static_cast<int>(std::ceil(right))) - x,
		std::min(canvas.height(), static_cast<int>(std::ceil(bottom))) - y};
}

Surface path_mask(const Canvas &canvas, const Box &box)
{
	Surface mask(CAIRO_FORMAT_A8, box.width, box.height);
	const std::unique_ptr<cairo_path_t, decltype(&cairo_path_destroy)> path(cairo_copy_path(canvas),
										cairo_path_destroy);
	const std::unique_ptr<cairo_t, decltype(&cairo_destroy)> context(cairo_create(mask.owner.get()), cairo_destroy);
	cairo_translate(context.get(), -box.x, -box.y);
	cairo_append_path(context.get(), path.get());
	cairo_set_fill_rule(context.get(), cairo_get_fill_rule(canvas));
	cairo_fill(context.get());
	cairo_surface_flush(mask.owner.get());
	return mask;
}

} // namespace

void paint(const Canvas &canvas, const Material &material, const Light &light, double opacity)
{
	const Box box = path_box(canvas);
	if (box.width < 1 || box.height < 1) {
		cairo_new_path(canvas);
		return;
	}
	const Surface mask = path_mask(canvas, box), picture(CAIRO_FORMAT_RGB24, box.width, box.height);
	cairo_new_path(canvas);
	const Shading shading(light, mask, box.width, box.height);
	for (int y = 0; y < box.height; y++) {
		uint8_t *row_mask = mask.pixels + y * mask.stride, *pixel = picture.pixels + y * picture.stride;
		for (int x = 0; x < box.width; x++, pixel += 4) {
			if (!row_mask[x])
				continue;
			row_mask[x] = static_cast<uint8_t>(row_mask[x] * opacity + 0.5);
			const Colour colour =
				material.at(static_cast<float>(box.x + x), static_cast<float>(box.y + y)) *
				shading.at(x, y);
			pixel[0] = byte(colour.blue);
			pixel[1] = byte(colour.green);
			pixel[2] = byte(colour.red);
		}
	}
	cairo_surface_mark_dirty(mask.owner.get());
	cairo_surface_mark_dirty(picture.owner.get());
	cairo_save(canvas);
	cairo_identity_matrix(canvas);
	cairo_set_source_surface(canvas, picture.owner.get(), box.x, box.y);
	cairo_mask_surface(canvas, mask.owner.get(), box.x, box.y);
	cairo_restore(canvas);
}

} // namespace matting::training
