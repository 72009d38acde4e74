// SPDX-License-Identifier: GPL-2.0-or-later
#include "blur.hpp"

#include <algorithm>
#include <cmath>

#include "steps.hpp"

namespace matting::training {
namespace {

int reach_of(double deviation)
{
	return std::max(1, static_cast<int>(std::ceil(2.8 * deviation)));
}

// (2 * reach + 1, B, 1, 1, 1); narrower ones end in zeros.
at::Tensor gaussians(const std::vector<double> &deviations, int reach, at::Device device)
{
	const size_t count = deviations.size();
	std::vector<float> weights((2 * reach + 1) * count);
	for (size_t sample = 0; sample < count; sample++) {
		const int own = reach_of(deviations[sample]);
		const auto weight = [&, variance = deviations[sample] * deviations[sample]](int i) {
			return std::exp(-0.5 * i * i / variance);
		};
		double sum = 0;
		for (int i = -own; i <= own; i++)
			sum += weight(i);
		for (int i = -own; i <= own; i++)
			weights[(i + reach) * count + sample] = static_cast<float>(weight(i) / sum);
	}
	return to_device(weights, device).view({-1, static_cast<int64_t>(count), 1, 1, 1});
}

// A sum of moved pictures: on the CPU faster than a convolution, and on a card limited by its memory alone.
at::Tensor blurred_along(const at::Tensor &pictures, int64_t dimension, const at::Tensor &weights)
{
	const int64_t taps = weights.size(0), reach = taps / 2, size = pictures.size(dimension);
	const at::Tensor padded = at::replication_pad2d(pictures, dimension == 3 ? at::IntArrayRef{reach, reach, 0, 0}
										 : at::IntArrayRef{0, 0, reach, reach});
	at::Tensor sum = padded.narrow(dimension, 0, size) * weights[0];
	for (int64_t i = 1; i < taps; i++)
		sum.addcmul_(padded.narrow(dimension, i, size), weights[i]);
	return sum;
}

at::Tensor doubled(const at::Tensor &half, int64_t height, int64_t width)
{
	return at::upsample_bilinear2d(half, {height, width}, /*align_corners=*/false, /*scales_h=*/2, /*scales_w=*/2);
}

enum class Way { none, direct, by_halves };

at::Tensor blurred_by(Way way, const at::Tensor &pictures, const std::vector<double> &deviations)
{
	if (way == Way::by_halves)
		return doubled(
			blurred(halved(pictures), each(deviations, [](double deviation) { return deviation / 2; })),
			pictures.size(2), pictures.size(3));
	const int reach = reach_of(*std::max_element(deviations.begin(), deviations.end()));
	const at::Tensor weights = gaussians(deviations, reach, pictures.device());
	return blurred_along(blurred_along(pictures, 3, weights), 2, weights);
}

} // namespace

at::Tensor halved(const at::Tensor &pictures)
{
	const int64_t below = pictures.size(2) % 2, right = pictures.size(3) % 2;
	const at::Tensor even = below + right ? at::replication_pad2d(pictures, {0, right, 0, below}) : pictures;
	const at::Tensor rows = even.slice(2, 0, at::nullopt, 2) + even.slice(2, 1, at::nullopt, 2);
	return (rows.slice(3, 0, at::nullopt, 2) + rows.slice(3, 1, at::nullopt, 2)).mul_(0.25);
}

at::Tensor blurred(const at::Tensor &pictures, const std::vector<double> &deviations)
{
	const bool can_be_halved = pictures.size(2) > 8 && pictures.size(3) > 8;
	const auto way_of = [&](double deviation) {
		if (deviation < 0.2)
			return Way::none;
		// A wide blur leaves nothing that half the pixels cannot say.
		return deviation > 4 && can_be_halved ? Way::by_halves : Way::direct;
	};
	at::Tensor result = pictures;
	for (const Way way : {Way::direct, Way::by_halves}) {
		std::vector<int64_t> samples;
		std::vector<double> own;
		for (size_t i = 0; i < deviations.size(); i++)
			if (way_of(deviations[i]) == way) {
				samples.push_back(static_cast<int64_t>(i));
				own.push_back(deviations[i]);
			}
		if (!samples.empty() && samples.size() < deviations.size() && result.is_same(pictures))
			result = pictures.clone();
		in_samples(
			samples, [&](at::Tensor &part) { part = blurred_by(way, part, own); }, result);
	}
	return result;
}

at::Tensor blurred(const at::Tensor &pictures, const std::vector<Motion> &motions)
{
	std::vector<at::Tensor> results;
	for (size_t sample = 0; sample < motions.size(); sample++) {
		const auto [angle, length] = motions[sample];
		const auto reach = static_cast<int64_t>(std::ceil(length));
		const at::Tensor padded = at::replication_pad2d(pictures.narrow(0, static_cast<int64_t>(sample), 1),
								{reach, reach, reach, reach});
		const int steps = std::max(2, static_cast<int>(std::ceil(length)));
		at::Tensor sum = at::zeros_like(pictures.narrow(0, 0, 1));
		for (int step = 0; step < steps; step++) {
			const double share = (step + 0.5) / steps - 0.5;
			const int64_t right = std::lround(std::cos(angle) * length * share);
			const int64_t down = std::lround(std::sin(angle) * length * share);
			sum.add_(padded.narrow(2, reach + down, sum.size(2)).narrow(3, reach + right, sum.size(3)));
		}
		results.push_back(sum.div_(steps));
	}
	return at::cat(results);
}

} // namespace matting::training
