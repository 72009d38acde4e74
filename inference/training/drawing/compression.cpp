// SPDX-License-Identifier: GPL-2.0-or-later
#include "compression.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace matting::training {
namespace {

// Rec. 601, as JPEG has it; 0..1, chroma around 0.
void to_luma_chroma(Image &image)
{
	float *red = image.plane(0), *green = image.plane(1), *blue = image.plane(2);
	for (size_t i = 0; i < image.area(); i++) {
		const float luma = 0.299F * red[i] + 0.587F * green[i] + 0.114F * blue[i];
		const float cb = (blue[i] - luma) * 0.564F, cr = (red[i] - luma) * 0.713F;
		red[i] = luma;
		green[i] = cb;
		blue[i] = cr;
	}
}

void to_rgb(Image &image)
{
	float *luma = image.plane(0), *cb = image.plane(1), *cr = image.plane(2);
	for (size_t i = 0; i < image.area(); i++) {
		const float red = luma[i] + 1.403F * cr[i], blue = luma[i] + 1.773F * cb[i];
		const float green = luma[i] - 0.714F * cr[i] - 0.344F * cb[i];
		luma[i] = red;
		cb[i] = green;
		cr[i] = blue;
	}
}

// Cameras and codecs keep a quarter of the colours.
void halve_chroma(Image &image)
{
	for (int channel = 1; channel < 3; channel++) {
		float *plane = image.plane(channel);
		for (int y = 0; y + 1 < image.height; y += 2)
			for (int x = 0; x + 1 < image.width; x += 2) {
				float *upper = plane + static_cast<size_t>(y) * image.width + x,
				      *lower = upper + image.width;
				upper[0] = upper[1] = lower[0] = lower[1] =
					(upper[0] + upper[1] + lower[0] + lower[1]) / 4;
			}
	}
	Image chroma(2, image.height, image.width);
	std::copy(image.plane(1), image.plane(1) + 2 * image.area(), chroma.values.begin());
	blur(chroma, 0.8);
	std::copy(chroma.values.begin(), chroma.values.end(), image.plane(1));
}

using Block = std::array<std::array<float, 8>, 8>;

Block transform_matrix()
{
	Block matrix;
	for (int row = 0; row < 8; row++)
		for (int column = 0; column < 8; column++)
			matrix[row][column] =
				static_cast<float>((row ? 0.5 : std::sqrt(0.125)) *
						   std::cos((2 * column + 1) * row * std::numbers::pi / 16));
	return matrix;
}

Block product(const Block &left, const Block &right)
{
	Block result{};
	for (int row = 0; row < 8; row++)
		for (int i = 0; i < 8; i++)
			for (int column = 0; column < 8; column++)
				result[row][column] += left[row][i] * right[i][column];
	return result;
}

Block transposed(const Block &block)
{
	Block result;
	for (int row = 0; row < 8; row++)
		for (int column = 0; column < 8; column++)
			result[column][row] = block[row][column];
	return result;
}

// About the tables of the JPEG standard's annex K: steps grow with the frequency.
Block quantisation(double quality, bool is_chroma)
{
	const double scale = (quality < 50 ? 50 / quality : 2 - quality / 50) / 255;
	Block steps;
	for (int row = 0; row < 8; row++)
		for (int column = 0; column < 8; column++) {
			const double frequency = row + column;
			const double step = is_chroma ? std::min(99.0, 17 + 14 * frequency)
						      : 11 + 5 * frequency + 0.7 * frequency * frequency;
			steps[row][column] = static_cast<float>(std::max(1 / 255.0, step * scale));
		}
	return steps;
}

// Discrete cosine transforms of 8x8 blocks with coarse coefficients: what JPEG and MJPEG cameras leave.
void damage_plane(float *plane, int height, int width, const Block &steps)
{
	static const Block matrix = transform_matrix(), back = transposed(matrix);
	for (int top = 0; top < height; top += 8)
		for (int left = 0; left < width; left += 8) {
			Block block;
			for (int y = 0; y < 8; y++)
				for (int x = 0; x < 8; x++)
					block[y][x] = plane[static_cast<size_t>(std::min(top + y, height - 1)) * width +
							    std::min(left + x, width - 1)];
			block = product(product(matrix, block), back);
			for (int y = 0; y < 8; y++)
				for (int x = 0; x < 8; x++) {
					const float level = block[y][x] / steps[y][x];
					block[y][x] = static_cast<float>(
							      static_cast<int>(level + (level < 0 ? -0.5F : 0.5F))) *
						      steps[y][x];
				}
			block = product(product(back, block), matrix);
			for (int y = 0; y < std::min(8, height - top); y++)
				for (int x = 0; x < std::min(8, width - left); x++)
					plane[static_cast<size_t>(top + y) * width + left + x] = block[y][x];
		}
}

} // namespace

void compress(Image &image, double quality, bool halves_chroma)
{
	to_luma_chroma(image);
	if (halves_chroma)
		halve_chroma(image);
	if (quality < 100)
		for (int channel = 0; channel < 3; channel++)
			damage_plane(image.plane(channel), image.height, image.width,
				     quantisation(quality, channel > 0));
	to_rgb(image);
}

} // namespace matting::training
