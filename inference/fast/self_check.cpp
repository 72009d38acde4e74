// SPDX-License-Identifier: GPL-2.0-or-later
#include "self_check.hpp"

#include <cmath>

#include <fmt/format.h>

namespace matting {
namespace {

constexpr double tolerance = 0.05; // fp16 has come within 0.02

/// A textured room, and a round shape before it if `radius` is not 0.
std::vector<uint8_t> draw(int width, int height, double radius)
{
	std::vector<uint8_t> pixels(size_t{4} * width * height, 255);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			const bool is_shape = std::hypot(x - width / 2.0, y - 0.6 * height) < radius;
			for (int c = 0; c < 3; c++) {
				const double wave = std::sin(0.13 * x * (c + 1)) * std::cos(0.09 * y + c);
				pixels[4 * (size_t{1} * y * width + x) + c] =
					static_cast<uint8_t>(is_shape ? 200 - 50 * c + 20 * wave : 110 + 60 * wave);
			}
		}
	return pixels;
}

double greatest(const at::Tensor &a, const at::Tensor &b)
{
	// A NaN is no number that is small.
	return at::nan_to_num((a - b).abs(), 1, 1, 1).max().item<double>();
}

} // namespace

void require_same_matte(Executor &on_device, Executor &on_cpu, const std::string &device, int width, int height)
{
	const torch::InferenceMode inference;
	const auto picture = [&](std::vector<uint8_t> &pixels) {
		return Picture{pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu};
	};
	const auto require = [&](double difference) {
		if (difference > tolerance)
			throw Error(fmt::format(
				"{} computes another matte than the CPU (by up to {:.2f} of 1): update the graphics "
				"driver, or use the device cpu",
				device, difference));
	};
	auto source = draw(width, height, 0.3 * height), background = draw(width, height, 0);
	on_device.set_background(picture(background));
	on_cpu.set_background(picture(background));
	Options full, sampling;
	full.backbone_scale = 0.5; // maps as large as those of real frames
	full.refine_mode = RefineMode::full;
	sampling.refine_sample_pixels = width * height / 4;
	const MatteTensors mine = on_device.matte_exactly(picture(source), full),
			   reference = on_cpu.matte_exactly(picture(source), full);
	require(greatest(mine.alpha, reference.alpha));
	require(greatest(mine.foreground, reference.foreground));
	const MatteTensors selected = on_device.matte_exactly(picture(source), sampling),
			   reference_selected = on_cpu.matte_exactly(picture(source), sampling);
	require(greatest(selected.coarse_error, reference_selected.coarse_error));
	// Cells of nearly equal errors may change places, but there are as many.
	require(std::abs((selected.refined - reference_selected.refined).sum().item<double>()));

	std::vector<uint8_t> first(source.size()), again(source.size());
	on_device.matte(picture(source), full, View::result, picture(first));
	require(greatest(at::from_blob(first.data(), {height, width, 4}, at::kByte).select(2, 3) / 255.0,
			 reference.alpha.squeeze().slice(0, 0, height).slice(1, 0, width)));
	for (int i = 0; i < 2; i++) { // recorded, then repeated
		on_device.matte(picture(source), full, View::result, picture(again));
		require(first == again ? 0 : 1);
	}
}

} // namespace matting
