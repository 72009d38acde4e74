// SPDX-License-Identifier: GPL-2.0-or-later
#include "compression.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "blur.hpp"
#include "steps.hpp"

namespace matting::training {
namespace {

constexpr int side = 8, area = side * side; // of a block

// Rec. 601, as JPEG has it; 0..1, chroma around 0.
at::Tensor to_luma_chroma(const at::Tensor &pictures)
{
	const at::Tensor red = pictures.narrow(1, 0, 1), green = pictures.narrow(1, 1, 1),
			 blue = pictures.narrow(1, 2, 1);
	const at::Tensor luma = (0.299 * red).add_(green, 0.587).add_(blue, 0.114);
	return at::cat({luma, (blue - luma).mul_(0.564), (red - luma).mul_(0.713)}, 1);
}

at::Tensor to_rgb(const at::Tensor &planes)
{
	const at::Tensor luma = planes.narrow(1, 0, 1), cb = planes.narrow(1, 1, 1), cr = planes.narrow(1, 2, 1);
	return at::cat({luma.add(cr, 1.403), luma.add(cr, -0.714).add_(cb, -0.344), luma.add(cb, 1.773)}, 1);
}

void halve_chroma(const std::vector<Compression::HalfChroma> &steps, at::Tensor &planes)
{
	at::Tensor chroma = planes.narrow(1, 1, 2);
	const int64_t rows = chroma.size(2) / 2, columns = chroma.size(3) / 2;
	const at::Tensor even = chroma.narrow(2, 0, 2 * rows).narrow(3, 0, 2 * columns);
	even.copy_(at::upsample_nearest2d(halved(even), {2 * rows, 2 * columns}));
	chroma.copy_(blurred(chroma, std::vector<double>(steps.size(), 0.8)));
}

// The discrete cosine transform of the 64 pixels of a block: (64 coefficients, 64 pixels), orthonormal.
at::Tensor transform()
{
	std::vector<double> values;
	for (int row = 0; row < side; row++)
		for (int column = 0; column < side; column++)
			values.push_back((row ? 0.5 : std::sqrt(0.125)) *
					 std::cos((2 * column + 1) * row * std::numbers::pi / 16));
	const at::Tensor matrix = at::tensor(values).view({side, side});
	return at::kron(matrix, matrix).to(at::kFloat);
}

// About the tables of the JPEG standard's annex K: steps grow with the frequency. (B, 3, 1, 64).
at::Tensor quantisation(const std::vector<double> &qualities, at::Device device)
{
	std::vector<float> values;
	for (const double quality : qualities) {
		const double scale = (quality < 50 ? 50 / quality : 2 - quality / 50) / 255;
		for (int channel = 0; channel < 3; channel++)
			for (int i = 0; i < area; i++) {
				const double frequency = i / side + i % side;
				const double step = channel > 0 ? std::min(99.0, 17 + 14 * frequency)
								: 11 + 5 * frequency + 0.7 * frequency * frequency;
				values.push_back(static_cast<float>(std::max(1 / 255.0, step * scale)));
			}
	}
	return to_device(values, device).view({-1, 3, 1, area});
}

// Blocks with coarse coefficients.
void damage(const std::vector<double> &qualities, at::Tensor &planes)
{
	static Constant matrix(transform);
	const at::Tensor forward = matrix.on(planes.device()), table = quantisation(qualities, planes.device());
	const int64_t count = planes.size(0), height = planes.size(2), width = planes.size(3);
	const int64_t below = -height & (side - 1), right = -width & (side - 1);
	const at::Tensor padded = below + right ? at::replication_pad2d(planes, {0, right, 0, below}) : planes;
	const int64_t rows = padded.size(2) / side, columns = padded.size(3) / side;
	const at::Tensor blocks =
		padded.view({count, 3, rows, side, columns, side}).transpose(3, 4).reshape({count, 3, -1, area});
	const at::Tensor coefficients = blocks.matmul(forward.t()).div_(table).round_().mul_(table);
	planes = coefficients.matmul(forward)
			 .view({count, 3, rows, columns, side, side})
			 .transpose(3, 4)
			 .reshape({count, 3, rows * side, columns * side})
			 .narrow(2, 0, height)
			 .narrow(3, 0, width);
}

} // namespace

void compress(const std::vector<Compression> &steps, at::Tensor &pictures)
{
	at::Tensor planes = to_luma_chroma(pictures);
	where_drawn(steps, &Compression::half_chroma, halve_chroma, planes);
	where_drawn(steps, &Compression::quality, damage, planes);
	pictures = to_rgb(planes);
}

} // namespace matting::training
