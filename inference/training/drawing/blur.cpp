// SPDX-License-Identifier: GPL-2.0-or-later
#include "image.hpp"

#include <algorithm>
#include <cmath>

namespace matting::training {
namespace {

std::vector<float> gaussian(double deviation)
{
	const int reach = std::max(1, static_cast<int>(std::ceil(2.8 * deviation)));
	std::vector<float> weights(2 * reach + 1);
	double sum = 0;
	for (int i = -reach; i <= reach; i++)
		sum += std::exp(-0.5 * i * i / (deviation * deviation));
	for (int i = -reach; i <= reach; i++)
		weights[i + reach] = static_cast<float>(std::exp(-0.5 * i * i / (deviation * deviation)) / sum);
	return weights;
}

void blur_columns(const float *from, float *to, int height, int width, const std::vector<float> &weights)
{
	const int reach = static_cast<int>(weights.size()) / 2;
	for (int y = 0; y < height; y++) {
		float *row = to + static_cast<size_t>(y) * width;
		std::fill(row, row + width, 0.F);
		for (int i = -reach; i <= reach; i++) {
			const float *other = from + static_cast<size_t>(std::clamp(y + i, 0, height - 1)) * width;
			const float weight = weights[i + reach];
			for (int x = 0; x < width; x++)
				row[x] += weight * other[x];
		}
	}
}

void blur_rows(const float *from, float *to, int height, int width, const std::vector<float> &weights)
{
	const int reach = static_cast<int>(weights.size()) / 2;
	std::vector<float> padded(width + 2 * reach);
	for (int y = 0; y < height; y++) {
		const float *row = from + static_cast<size_t>(y) * width;
		std::fill(padded.begin(), padded.begin() + reach, row[0]);
		std::copy(row, row + width, padded.begin() + reach);
		std::fill(padded.end() - reach, padded.end(), row[width - 1]);
		float *result = to + static_cast<size_t>(y) * width;
		std::fill(result, result + width, 0.F);
		for (int i = 0; i <= 2 * reach; i++)
			for (int x = 0; x < width; x++)
				result[x] += weights[i] * padded[x + i];
	}
}

Image halved(const Image &image)
{
	Image result(image.channels, (image.height + 1) / 2, (image.width + 1) / 2);
	for (int channel = 0; channel < image.channels; channel++) {
		float *to = result.plane(channel);
		for (int y = 0; y < result.height; y++) {
			const float *upper = image.plane(channel) + static_cast<size_t>(2 * y) * image.width;
			const float *lower = upper + (2 * y + 1 < image.height ? image.width : 0);
			for (int x = 0; x < result.width; x++) {
				const int next = std::min(2 * x + 1, image.width - 1);
				*to++ = (upper[2 * x] + upper[next] + lower[2 * x] + lower[next]) / 4;
			}
		}
	}
	return result;
}

Image doubled(const Image &half, int height, int width)
{
	Image result(half.channels, height, width);
	for (int y = 0; y < height; y++) {
		const float v =
			std::clamp((static_cast<float>(y) + 0.5F) / 2 - 0.5F, 0.F, static_cast<float>(half.height - 1));
		const int top = static_cast<int>(v), row = top * half.width,
			  below = std::min(top + 1, half.height - 1) * half.width;
		const float lower_share = v - static_cast<float>(top);
		for (int x = 0; x < width; x++) {
			const float u = std::clamp((static_cast<float>(x) + 0.5F) / 2 - 0.5F, 0.F,
						   static_cast<float>(half.width - 1));
			const int left = static_cast<int>(u), next = std::min(left + 1, half.width - 1);
			const float right_share = u - static_cast<float>(left);
			for (int channel = 0; channel < half.channels; channel++) {
				const float *from = half.plane(channel);
				const float upper = std::lerp(from[row + left], from[row + next], right_share);
				const float lower = std::lerp(from[below + left], from[below + next], right_share);
				result.plane(channel)[static_cast<size_t>(y) * width + x] =
					std::lerp(upper, lower, lower_share);
			}
		}
	}
	return result;
}

// result += the image, moved; the borders go on outside.
void add_moved(Image &result, const Image &image, int right, int down)
{
	const int first = std::clamp(-right, 0, image.width), last = std::clamp(image.width - right, 0, image.width);
	for (int channel = 0; channel < image.channels; channel++)
		for (int y = 0; y < image.height; y++) {
			const int row = std::clamp(y + down, 0, image.height - 1);
			const float *from = image.plane(channel) + static_cast<size_t>(row) * image.width;
			float *to = result.plane(channel) + static_cast<size_t>(y) * image.width;
			for (int x = 0; x < first; x++)
				to[x] += from[0];
			for (int x = first; x < last; x++)
				to[x] += from[x + right];
			for (int x = last; x < image.width; x++)
				to[x] += from[image.width - 1];
		}
}

} // namespace

void blur(Image &image, double deviation)
{
	if (deviation < 0.2)
		return;
	if (deviation > 4 && image.height > 8 && image.width > 8) {
		// A wide blur leaves nothing that half the pixels cannot say.
		Image half = halved(image);
		blur(half, deviation / 2);
		image = doubled(half, image.height, image.width);
		return;
	}
	const std::vector<float> weights = gaussian(deviation);
	std::vector<float> other(image.area());
	for (int channel = 0; channel < image.channels; channel++) {
		blur_rows(image.plane(channel), other.data(), image.height, image.width, weights);
		blur_columns(other.data(), image.plane(channel), image.height, image.width, weights);
	}
}

void blur_edges(Image &layer, const Image &where, const Image &density, double deviation)
{
	Image blurred = layer;
	blur(blurred, deviation);
	float *alpha = layer.plane(3);
	const float *blurred_alpha = blurred.plane(3);
	for (size_t i = 0; i < layer.area(); i++) {
		const float uneven = 4 * density.values[i] * blurred_alpha[i] * (1 - blurred_alpha[i]);
		const float soft = std::clamp(blurred_alpha[i] + uneven, 0.F, 1.F);
		const float end = std::lerp(alpha[i], soft, where.values[i]);
		// Where it was, its own colour; beyond, that of what is near.
		const float other = end * (1 - alpha[i]) / std::max(blurred_alpha[i], 1e-6F);
		for (int channel = 0; channel < 3; channel++) {
			float &colour = layer.plane(channel)[i];
			colour = end * colour + other * blurred.plane(channel)[i];
		}
		alpha[i] = end;
	}
}

void blur_motion(Image &image, double angle, double length)
{
	const int steps = std::max(2, static_cast<int>(std::ceil(length)));
	Image sum(image.channels, image.height, image.width);
	for (int step = 0; step < steps; step++) {
		const double share = (step + 0.5) / steps - 0.5;
		const int right = static_cast<int>(std::lround(std::cos(angle) * length * share));
		const int down = static_cast<int>(std::lround(std::sin(angle) * length * share));
		add_moved(sum, image, right, down);
	}
	for (float &value : sum.values)
		value /= static_cast<float>(steps);
	image = std::move(sum);
}

} // namespace matting::training
