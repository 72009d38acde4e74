// SPDX-License-Identifier: GPL-2.0-or-later
#include "fast_executor.hpp"

#include <algorithm>

namespace matting {
namespace {

Map make_map(FastDevice &device, int element, int height, int width, int channels)
{
	const auto memory = device.allocate(size_t{1} * element * height * width * channels);
	return {static_cast<uint8_t *>(memory.get()), element,  height, width, channels,
		std::ptrdiff_t{1} * width * channels, channels, memory};
}

Map make_picture(FastDevice &device, int width, int height)
{
	constexpr int margin = picture_margin;
	Map picture = make_map(device, 1, height + 2 * margin, width + 2 * margin, 4);
	picture.data += margin * (picture.row + picture.pixel);
	picture.height = height;
	picture.width = width;
	return picture;
}

Map make_mask(FastDevice &device, int width, int height)
{
	return make_map(device, 1, height / cell, width / cell, 1);
}

LayerPointer prepare_refiner(const FastModel &model, const FastDevice &device)
{
	const auto layer = [](const char *number) {
		return LayerSpec{.convolution = std::string("refiner.conv") + number,
				 .batch_norm = std::string("refiner.bn") + number,
				 .activation = Activation::relu};
	};
	return model.layers({layer("1"), layer("2"), layer("3"), {.convolution = "refiner.conv4"}},
			    [&](const auto &layers) {
				    return device.prepare_refiner({layers[0], layers[1], layers[2], layers[3]});
			    });
}

/// Pixels, `side` to a cell each way, that are selected or at most `reach` (no more than `side`) from one that is.
double pixels_near(const at::Tensor &mask, int side, int reach)
{
	const int height = static_cast<int>(mask.size(0)), width = static_cast<int>(mask.size(1));
	const auto cells = mask.accessor<float, 3>();
	const auto any = [&](int y0, int y1, int x0, int x1) {
		for (int y = std::max(y0, 0); y <= std::min(y1, height - 1); y++)
			for (int x = std::max(x0, 0); x <= std::min(x1, width - 1); x++)
				if (cells[y][x][0] > 0)
					return true;
		return false;
	};
	int64_t pixels = 0;
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			if (!any(y - 1, y + 1, x - 1, x + 1))
				continue;
			for (int i = 0; i < side * side; i++) {
				const int row = i / side, column = i % side;
				pixels += any(y - (row < reach), y + (row >= side - reach), x - (column < reach),
					      x + (column >= side - reach));
			}
		}
	return static_cast<double>(pixels);
}

// See Note [Refining without patches] of the CPU, which multiplies no less than this: threads share no rows.
double refiner_multiplications(const at::Tensor &mask)
{
	constexpr int taps = 9, doubled_taps = 4; // of a window of doubled pixels
	return pixels_near(mask, 2, 2) * 24 * 42 * taps + pixels_near(mask, 2, 1) * 16 * 24 * taps +
	       pixels_near(mask, 4, 1) * 12 * (16 * doubled_taps + 6 * taps) + pixels_near(mask, 4, 0) * 4 * 12 * taps;
}

} // namespace

FastExecutor::FastExecutor(std::shared_ptr<const FastModel> model, std::unique_ptr<FastDevice> device)
	: model_(std::move(model)), device_(std::move(device)), refiner_(prepare_refiner(*model_, *device_))
{
	// All layers are prepared with the model, and not with the first picture, which somebody waits for.
	constexpr int any_size = 64;
	Plan plan(*device_, *model_);
	trace_coarse_network(plan, model_->backbone(), any_size, any_size, Map());
}

void FastExecutor::set_background(const Picture &background)
{
	const int width = padded_size(background.width), height = padded_size(background.height);
	if (!mask_.defined() || mask_.height != height / cell || mask_.width != width / cell) {
		Map source = make_picture(*device_, width, height), plate = make_picture(*device_, width, height);
		network_ = {}; // its plan knows the mask
		mask_ = make_mask(*device_, width, height);
		source_ = std::move(source);
		background_ = std::move(plate);
		version_++;
	}
	device_->store_picture(background, background_);
	scale_ = 0; // the plan's input has another background, and perhaps another size
}

void FastExecutor::set_scale(double backbone_scale)
{
	if (backbone_scale == scale_)
		return;
	const auto scaled = [&](int size) {
		return static_cast<int>(size * backbone_scale);
	};
	const int height = scaled(source_.height), width = scaled(source_.width);
	if (network_.input.height != height || network_.input.width != width) {
		scale_ = 0; // should there be no memory for it
		network_ = {};
		plan_.emplace(*device_, *model_);
		network_ = trace_coarse_network(*plan_, model_->backbone(), height, width, mask_);
		version_++;
	}
	device_->downsample(background_, network_.input.narrow(3, 3));
	scale_ = backbone_scale;
}

void FastExecutor::set_frame(const Options &options, View view, const Picture &result)
{
	if (same_attributes(options, options_) && view == view_ && result.width == width_ && result.height == height_)
		return;
	options_ = options;
	view_ = view;
	width_ = result.width;
	height_ = result.height;
	version_++;
}

void FastExecutor::run(const Picture &source, const Options &options, View view, const Output &output)
{
	set_scale(options.backbone_scale);
	device_->store_picture(source, source_);
	device_->end_of(Stage::unpack);
	device_->run(version_, [&] {
		device_->downsample(source_, network_.input.narrow(0, 3));
		device_->end_of(Stage::downsample);
		for (const Stage stage : {Stage::backbone, Stage::aspp, Stage::decoder}) {
			plan_->run(stage);
			device_->end_of(stage);
		}
		device_->select(network_.result, options, mask_);
		device_->end_of(Stage::selection);
		device_->compose(network_.result, source_, mask_, output);
		device_->end_of(Stage::compose);
		plan_->run(Stage::patches);
		device_->refine(*refiner_, network_.result, source_, background_, mask_, output);
		if (view != View::result)
			device_->show(view, network_.result, mask_, output.picture);
		device_->end_of(Stage::patches);
	});
}

void FastExecutor::matte(const Picture &source, const Options &options, View view, const Picture &result)
{
	set_frame(options, view, result);
	const Picture picture = device_->begin_frame(result);
	run(source, options, view, {.picture = picture, .exact = {}, .keeps_alpha = view == View::result});
	device_->end_frame(result);
}

MatteTensors FastExecutor::matte_exactly(const Picture &source, const Options &options)
{
	Picture whole = source;
	whole.width = source_.width;
	whole.height = source_.height;
	version_++; // it writes to memory of its own
	const Map exact = make_map(*device_, sizeof(float), source_.height, source_.width, 4);
	device_->begin_frame(whole);
	run(source, options, View::result, {.picture = whole, .exact = exact});
	version_++;
	const auto planes = [&](const Map &map) {
		return device_->download(map).permute({2, 0, 1}).unsqueeze(0).contiguous();
	};
	return {planes(exact.narrow(0, 1)), planes(exact.narrow(1, 3)),
		planes(network_.result.narrow(coarse::error, 1)), planes(mask_)};
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
	const double cells = static_cast<double>(mask_.count()), picture = cells * cell * cell * 4;
	const at::Tensor mask = device_->download(mask_);
	const double selected = mask.sum().item<double>();
	const double coarse_bytes = network_.result.element * static_cast<double>(network_.result.count());
	at(Stage::unpack).bytes += 2 * picture;
	at(Stage::downsample).bytes +=
		picture + network_.input.element * static_cast<double>(network_.input.count()) / 2;
	at(Stage::selection).bytes += coarse_bytes / coarse::channels + cells;
	at(Stage::compose).bytes += (2 * picture + coarse_bytes * 4 / coarse::channels) * (1 - selected / cells);
	Work &patches = at(Stage::patches); // the plan's is of everything
	patches.multiplications = patches.multiplications * selected / cells + refiner_multiplications(mask);
	patches.bytes = (patches.bytes + 3 * picture + coarse_bytes) * selected / cells;
	return work;
}

void FastExecutor::time_stages(bool on)
{
	device_->time_stages(on);
	version_++;
}

std::vector<StageTime> FastExecutor::stage_times() const
{
	if (!network_.input.defined())
		return {};
	const auto done = work();
	const auto milliseconds = device_->stage_milliseconds();
	std::vector<StageTime> times;
	for (size_t i = 0; i < stage_names.size(); i++)
		times.push_back({stage_names[i], milliseconds[i], done[i].multiplications, done[i].bytes});
	return times;
}

} // namespace matting
