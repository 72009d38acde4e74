// SPDX-License-Identifier: GPL-2.0-or-later
#include "fast_executor.hpp"

#include <chrono>

namespace matting {
namespace {

constexpr int cell = 4; // pixels: what the refiner selects

constexpr int padded(int size)
{
	return (size + cell - 1) / cell * cell;
}

LayerPointer prepare_refiner(const FastModel &model, const FastDevice &device)
{
	return model.layer("refiner", [&](const StateDict &weights) {
		const auto layer = [&](const char *number) {
			return fold(weights, {.convolution = std::string("refiner.conv") + number,
					      .batch_norm = std::string("refiner.bn") + number,
					      .activation = Activation::relu});
		};
		return device.prepare_refiner(
			{layer("1"), layer("2"), layer("3"), fold(weights, {.convolution = "refiner.conv4"})});
	});
}

} // namespace

FastExecutor::FastExecutor(std::shared_ptr<const FastModel> model, std::unique_ptr<FastDevice> device)
	: model_(std::move(model)), device_(std::move(device)), refiner_(prepare_refiner(*model_, *device_))
{
}

void FastExecutor::set_background(const Picture &background)
{
	const int width = padded(background.width), height = padded(background.height);
	if (!mask_.defined() || mask_.size(0) != height / cell || mask_.size(1) != width / cell) {
		source_ = device_->make_picture(width, height);
		background_ = device_->make_picture(width, height);
		mask_ = device_->make_mask(width, height);
	}
	device_->store_picture(background, background_);
	scale_ = 0; // the plan's input has another background, and perhaps another size
}

void FastExecutor::set_scale(double backbone_scale)
{
	if (backbone_scale == scale_)
		return;
	const auto scaled = [&](int64_t cells) {
		return static_cast<int64_t>(static_cast<double>(cells * cell) * backbone_scale);
	};
	const int64_t height = scaled(mask_.size(0)), width = scaled(mask_.size(1));
	if (!network_.input.defined() || network_.input.size(0) != height || network_.input.size(1) != width) {
		network_ = {};
		plan_.emplace(*device_, *model_);
		network_ = trace_coarse_network(*plan_, model_->backbone(), height, width);
	}
	device_->downsample(background_, network_.input.narrow(2, 3, 3));
	scale_ = backbone_scale;
}

void FastExecutor::run(const Picture &source, const Options &options, const Output &output)
{
	using Clock = std::chrono::steady_clock;
	auto begin = Clock::now();
	const auto end_of = [&](Stage stage) {
		const auto now = Clock::now();
		milliseconds_[static_cast<size_t>(stage)] =
			std::chrono::duration<double, std::milli>(now - begin).count();
		begin = now;
	};
	set_scale(options.backbone_scale);
	device_->store_picture(source, source_);
	end_of(Stage::unpack);
	device_->downsample(source_, network_.input.narrow(2, 0, 3));
	end_of(Stage::downsample);
	for (const Stage stage : {Stage::backbone, Stage::aspp, Stage::decoder}) {
		plan_->run(stage);
		end_of(stage);
	}
	device_->select(network_.result, options, mask_);
	end_of(Stage::selection);
	device_->compose(network_.result, source_, mask_, output);
	end_of(Stage::compose);
	device_->refine(*refiner_, network_.result, source_, background_, mask_, output);
	end_of(Stage::patches);
}

void FastExecutor::matte(const Picture &source, const Options &options, View view, const Picture &result)
{
	run(source, options, {.picture = result, .exact = {}, .keeps_alpha = view == View::result});
	if (view != View::result)
		device_->show(view, network_.result, mask_, result);
}

MatteTensors FastExecutor::matte_exactly(const Picture &source, const Options &options)
{
	Picture whole = source;
	whole.width = padded(source.width);
	whole.height = padded(source.height);
	const at::Tensor exact = at::empty({whole.height, whole.width, 4}, at::kFloat);
	run(source, options, {.picture = whole, .exact = exact});
	const auto planes = [](const at::Tensor &map) {
		return map.to(at::kFloat).permute({2, 0, 1}).unsqueeze(0).contiguous();
	};
	return {planes(exact.slice(2, 0, 1)), planes(exact.slice(2, 1, 4)),
		planes(network_.result.narrow(2, coarse::error, 1)), planes(mask_.unsqueeze(2))};
}

// What is not counted by the plan: pictures and what is made of them, each byte once.
std::array<Work, stage_names.size()> FastExecutor::work() const
{
	std::array<Work, stage_names.size()> work;
	for (size_t i = 0; i < work.size(); i++)
		work[i] = plan_->work(static_cast<Stage>(i));
	const auto at = [&](Stage stage) -> Work & {
		return work[static_cast<size_t>(stage)];
	};
	// A patch of the published refiner: 6x6x24 of 42 channels, 4x4x16 of 24, 6x6x12 of 22, 4x4x4 of 12; 3x3 windows.
	constexpr double patch = 9.0 * (36 * 24 * 42 + 16 * 16 * 24 + 36 * 12 * 22 + 16 * 4 * 12);
	const double cells = static_cast<double>(mask_.numel()), picture = cells * cell * cell * 4;
	const double selected = mask_.sum().item<double>();
	const double coarse_bytes = sizeof(float) * static_cast<double>(network_.result.numel());
	at(Stage::unpack).bytes += 2 * picture;
	at(Stage::downsample).bytes += picture + sizeof(float) * static_cast<double>(network_.input.numel()) / 2;
	at(Stage::selection).bytes += coarse_bytes / coarse::channels + cells;
	at(Stage::compose).bytes += (2 * picture + coarse_bytes * 4 / coarse::channels) * (1 - selected / cells);
	at(Stage::patches).multiplications += selected * patch;
	at(Stage::patches).bytes += (3 * picture + coarse_bytes) * selected / cells;
	return work;
}

std::vector<StageTime> FastExecutor::stage_times() const
{
	if (!network_.input.defined())
		return {};
	const auto done = work();
	std::vector<StageTime> times;
	for (size_t i = 0; i < stage_names.size(); i++)
		times.push_back({stage_names[i], milliseconds_[i], done[i].multiplications, done[i].bytes});
	return times;
}

} // namespace matting
