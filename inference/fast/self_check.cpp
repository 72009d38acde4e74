// SPDX-License-Identifier: GPL-2.0-or-later
// Note [What a device may do otherwise]
// In fp16 every map is rounded: alpha and colours come within 0.002 nearly everywhere, and within some hundredths at hard
// edges. Which cells are refined is decided by comparing numbers that were rounded, so cells of nearly equal error change
// places, and one whose error is nearly zero counts or does not: where the two have decided differently they are not
// compared, and there may not be many such cells. Nonsense is neither small nor rare.
#include "self_check.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace matting {
namespace {

constexpr double near = 0.05;            // nearly all numbers come as near as this
constexpr double share_not_near = 0.001; // of all numbers
constexpr double never = 0.2;            // none may differ by as much
constexpr double on_average = 0.005;
constexpr double share_of_other_cells = 0.02; // refined on one of the two only

/// A textured room, and a round shape before it if `radius` is not 0.
std::vector<uint8_t> draw(int width, int height, double centre, double radius)
{
	std::vector<uint8_t> pixels(size_t{4} * width * height, 255);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			const bool is_shape = std::hypot(x - width * centre, y - 0.6 * height) < radius;
			for (int c = 0; c < 3; c++) {
				const double wave = std::sin(0.13 * x * (c + 1)) * std::cos(0.09 * y + c);
				pixels[4 * (size_t{1} * y * width + x) + c] =
					static_cast<uint8_t>(is_shape ? 200 - 50 * c + 20 * wave : 110 + 60 * wave);
			}
		}
	return pixels;
}

[[noreturn]] void refuse(const std::string &device, const std::string &how)
{
	throw Error("engine.computes_nonsense",
		    "{} computes another matte than the CPU ({}): update the graphics driver, or use the device cpu",
		    device, how);
}

void require_near(const std::string &device, const at::Tensor &a, const at::Tensor &b)
{
	// A NaN is no number that is near.
	const at::Tensor difference = at::nan_to_num((a - b).abs(), 1, 1, 1);
	if (difference.numel() == 0)
		return;
	const double most = difference.max().item<double>(), mean = difference.mean().item<double>(),
		     far = difference.gt(near).to(at::kFloat).mean().item<double>();
	if (most > never || mean > on_average || far > share_not_near)
		refuse(device, fmt::format("by up to {:.2f} of 1, {:.4f} on average", most, mean));
}

/// Where both have refined, or both have not. (1, 1, H, W)
at::Tensor same_cells(const std::string &device, const MatteTensors &mine, const MatteTensors &reference)
{
	const at::Tensor same = at::eq(mine.refined, reference.refined).to(at::kFloat);
	if (const double others = 1 - same.mean().item<double>(); others > share_of_other_cells)
		refuse(device,
		       fmt::format("{:.1f} % of the picture is refined and should not be, or the other way round",
				   100 * others));
	return at::upsample_nearest2d(same, reference.alpha.sizes().slice(2)).gt(0);
}

/// What the device writes into pictures: at once, recorded, and repeated, when it must be that of the new picture.
void require_same_writing(Executor &on_device, const std::string &device, const Picture &source, const Picture &other,
			  const Options &options, const at::Tensor &expected_alpha)
{
	const auto write = [&](const Picture &picture) {
		std::vector<uint8_t> pixels(size_t{4} * picture.width * picture.height, 128);
		on_device.matte(picture, options, View::result,
				{pixels.data(), picture.width, picture.height, picture.pitch, Device::cpu});
		return pixels;
	};
	auto first = write(source);
	const auto recorded = write(other);
	if (write(source) != first || write(other) != recorded)
		refuse(device, "the same picture has not the same matte again");
	const at::Tensor alpha = at::from_blob(first.data(), {source.height, source.width, 4}, at::kByte).select(2, 3);
	const at::Tensor expected = expected_alpha.squeeze().slice(0, 0, source.height).slice(1, 0, source.width);
	require_near(device, alpha / 255.0, expected);
}

} // namespace

MatteTensors require_same_frame(Executor &on_device, Executor &on_cpu, const std::string &device, const Picture &source,
				const Options &options)
{
	const MatteTensors mine = on_device.matte_exactly(source, options),
			   reference = on_cpu.matte_exactly(source, options);
	require_near(device, mine.coarse_error, reference.coarse_error);
	const at::Tensor same = same_cells(device, mine, reference);
	require_near(device, mine.alpha.masked_select(same), reference.alpha.masked_select(same));
	require_near(device, mine.foreground.masked_select(same), reference.foreground.masked_select(same));
	return reference;
}

void require_same_matte(Executor &on_device, Executor &on_cpu, const std::string &device, int width, int height)
{
	const torch::InferenceMode inference;
	auto with_shape = draw(width, height, 0.5, 0.3 * height), other_shape = draw(width, height, 0.35, 0.2 * height),
	     room = draw(width, height, 0, 0);
	const auto picture = [&](std::vector<uint8_t> &pixels) {
		return Picture{pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu};
	};
	const Picture source = picture(with_shape), other = picture(other_shape);
	on_device.set_background(picture(room));
	on_cpu.set_background(picture(room));
	Options full, sampling;
	full.backbone_scale = 0.5; // maps as large as those of real frames
	full.refine_mode = RefineMode::full;
	sampling.refine_sample_pixels = width * height / 4;
	require_same_frame(on_device, on_cpu, device, other, sampling);
	const MatteTensors reference = require_same_frame(on_device, on_cpu, device, source, full);
	require_same_writing(on_device, device, source, other, full, reference.alpha);
}

} // namespace matting
