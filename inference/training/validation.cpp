// SPDX-License-Identifier: GPL-2.0-or-later
#include "validation.hpp"

#include "learner.hpp"

#include "inference/pixels.hpp"

#include <torch/csrc/jit/runtime/graph_executor.h>

namespace matting::training {
namespace {

// (C, H, W) -> (3, h, 320), grey if C is 1.
at::Tensor small(const at::Tensor &planes)
{
	constexpr int64_t width = 320;
	const int64_t height = planes.size(1) * width / planes.size(2);
	return at::_upsample_bilinear2d_aa(planes.unsqueeze(0), {height, width}, false)[0].expand({3, height, width});
}

at::Tensor sheet_row(const Sample &frame, const at::Tensor &alpha, const at::Tensor &foreground)
{
	const at::Tensor green = torch::tensor({0.2f, 0.7f, 0.3f}).view({3, 1, 1});
	return at::cat({small(frame.source), small(frame.background), small(frame.alpha), small(alpha),
			small(foreground * alpha + green * (1 - alpha))},
		       2);
}

} // namespace

Validation validate(const torch::jit::Module &network, const std::function<Sample(int number)> &frame, int count)
{
	constexpr size_t most_rows = 6;
	const torch::NoGradGuard no_grad;
	const torch::jit::GraphOptimizerEnabledGuard interpreted(false);
	torch::jit::Module module = network;
	const auto input = [device = device_of(network)](const at::Tensor &planes) {
		return planes.unsqueeze(0).to(device);
	};
	double sum = 0;
	std::vector<at::Tensor> rows;
	for (int number = 0; number < count; number++) {
		const Sample sample = frame(number);
		const auto outputs = module.forward({input(sample.source), input(sample.background)}).toTuple();
		const auto output = [&outputs](size_t i) {
			return outputs->elements()[i].toTensor()[0].cpu();
		};
		const at::Tensor alpha = output(0);
		sum += (alpha - sample.alpha).abs().mean().item<double>();
		if (rows.size() < most_rows)
			rows.push_back(sheet_row(sample, alpha, output(1)));
	}
	return {1000 * sum / count, at::cat(rows, 1)};
}

std::vector<uint8_t> to_pixels(const at::Tensor &planes)
{
	const auto width = static_cast<int>(planes.size(2)), height = static_cast<int>(planes.size(1));
	std::vector<uint8_t> pixels(size_t{4} * width * height);
	pack_opaque(planes.unsqueeze(0).contiguous(),
		    {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu});
	return pixels;
}

} // namespace matting::training
