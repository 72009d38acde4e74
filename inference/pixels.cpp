// SPDX-License-Identifier: GPL-2.0-or-later
#include "pixels.hpp"

#include "sizes.hpp"

#include <cmath>

#include <ATen/Parallel.h>

namespace matting {
namespace {

constexpr int64_t rows_per_task = 32;

uint8_t to_byte(float value, float scale = 255.0f)
{
	return static_cast<uint8_t>(value * scale + 0.5f); // rounds: value is in 0..1
}

// Rows of one plane of a (1, C, H, W) tensor.
class Plane {
public:
	Plane(const at::Tensor &planes, int64_t channel)
		: begin_(planes.mutable_data_ptr<float>() + channel * planes.stride(1)), pitch_(planes.stride(2))
	{
		TORCH_CHECK(planes.stride(3) == 1, "rows must be contiguous");
	}
	float *row(int64_t y) const { return begin_ + y * pitch_; }

private:
	float *begin_;
	int64_t pitch_;
};

const uint8_t *row_of(const Picture &picture, int64_t y)
{
	return picture.pixels + y * picture.pitch;
}

void unpack_row(const uint8_t *pixels, int width, int64_t padded_width, float *red, float *green, float *blue)
{
	constexpr float scale = 1.0f / 255.0f;
	for (int x = 0; x < width; x++) {
		red[x] = static_cast<float>(pixels[4 * x]) * scale;
		green[x] = static_cast<float>(pixels[4 * x + 1]) * scale;
		blue[x] = static_cast<float>(pixels[4 * x + 2]) * scale;
	}
	for (float *plane : {red, green, blue})
		std::fill(plane + width, plane + padded_width, plane[width - 1]);
}

} // namespace

at::Tensor empty_planes(int width, int height)
{
	return at::empty({1, 3, padded_size(height), padded_size(width)}, at::kFloat);
}

void unpack(const Picture &picture, at::Tensor &planes)
{
	const Plane red(planes, 0), green(planes, 1), blue(planes, 2);
	at::parallel_for(0, planes.size(2), rows_per_task, [&](int64_t begin, int64_t end) {
		for (int64_t y = begin; y < end; y++)
			unpack_row(row_of(picture, std::min<int64_t>(y, picture.height - 1)), picture.width,
				   planes.size(3), red.row(y), green.row(y), blue.row(y));
	});
}

void pack_result(const at::Tensor &alpha, const at::Tensor &foreground, const Picture &source, const Picture &result)
{
	const Plane coverage(alpha, 0), red(foreground, 0), green(foreground, 1), blue(foreground, 2);
	at::parallel_for(0, result.height, rows_per_task, [&](int64_t begin, int64_t end) {
		for (int64_t y = begin; y < end; y++) {
			const uint8_t *in = row_of(source, y);
			uint8_t *out = result.pixels + y * result.pitch;
			const float *a = coverage.row(y), *r = red.row(y), *g = green.row(y), *b = blue.row(y);
			for (int x = 0; x < result.width; x++) {
				const uint8_t alpha_byte = to_byte(a[x], in[4 * x + 3]);
				const float shown = alpha_byte > 0 ? 255.0f : 0.0f;
				out[4 * x] = to_byte(r[x], shown);
				out[4 * x + 1] = to_byte(g[x], shown);
				out[4 * x + 2] = to_byte(b[x], shown);
				out[4 * x + 3] = alpha_byte;
			}
		}
	});
}

void pack(const MatteTensors &matte, View view, const Picture &source, const Picture &result)
{
	const std::array size{matte.alpha.size(2), matte.alpha.size(3)};
	switch (view) {
	case View::result:
		return pack_result(matte.alpha, matte.foreground, source, result);
	case View::alpha:
		return pack_opaque(matte.alpha, result);
	case View::foreground:
		return pack_opaque(matte.foreground, result);
	case View::error:
		return pack_opaque(at::upsample_bilinear2d(matte.coarse_error, size, false), result);
	case View::refined:
		return pack_opaque(at::upsample_nearest2d(matte.refined, size), result);
	}
}

void pack_opaque(const at::Tensor &planes, const Picture &result)
{
	const int64_t last = planes.size(1) - 1;
	const Plane red(planes, 0), green(planes, std::min<int64_t>(1, last)), blue(planes, last);
	at::parallel_for(0, result.height, rows_per_task, [&](int64_t begin, int64_t end) {
		for (int64_t y = begin; y < end; y++) {
			uint8_t *out = result.pixels + y * result.pitch;
			const float *r = red.row(y), *g = green.row(y), *b = blue.row(y);
			for (int x = 0; x < result.width; x++) {
				out[4 * x] = to_byte(r[x]);
				out[4 * x + 1] = to_byte(g[x]);
				out[4 * x + 2] = to_byte(b[x]);
				out[4 * x + 3] = 255;
			}
		}
	});
}

std::vector<uint8_t> scale(const Picture &picture, int width, int height)
{
	at::Tensor planes = empty_planes(picture.width, picture.height);
	unpack(picture, planes);
	const auto exact = planes.slice(2, 0, picture.height).slice(3, 0, picture.width);
	std::vector<uint8_t> pixels(size_t{4} * width * height);
	pack_opaque(at::_upsample_bilinear2d_aa(exact, {height, width}, false).clamp_(0, 1).contiguous(),
		    {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu});
	return pixels;
}

bool same_aspect(const Picture &a, int width, int height)
{
	const double scaled_width = static_cast<double>(a.width) * height / a.height;
	const double scaled_height = static_cast<double>(a.height) * width / a.width;
	return std::abs(scaled_width - width) < 1 || std::abs(scaled_height - height) < 1;
}

} // namespace matting
