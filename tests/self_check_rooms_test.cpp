// SPDX-License-Identifier: GPL-2.0-or-later
// The self-check's measure on whole pictures as cameras take them: a card must not be refused for what fp16 does to them.
#include "golden.hpp"
#include "test_devices.hpp"

#include "inference/fast/fast_executor.hpp"
#include "inference/fast/self_check.hpp"
#include "inference/model/model_file.hpp"
#include "inference/training/drawing/generator.hpp"

#include <gmock/gmock.h>

namespace matting {
namespace {

std::vector<uint8_t> bytes_of(const at::Tensor &planes)
{
	const at::Tensor colours = (planes.permute({1, 2, 0}) * 255).round().to(at::kByte);
	const at::Tensor opaque = at::full({planes.size(1), planes.size(2), 1}, 255, at::kByte);
	const at::Tensor pixels = at::cat({colours, opaque}, 2).contiguous();
	return {pixels.const_data_ptr<uint8_t>(), pixels.const_data_ptr<uint8_t>() + pixels.numel()};
}

class SelfCheckInRooms : public testing::TestWithParam<const TestDevice *> {
protected:
	void expect_same(const training::Sample &sample, const Options &options)
	{
		const torch::InferenceMode inference;
		auto source = bytes_of(sample.source), background = bytes_of(sample.background);
		const int width = static_cast<int>(sample.source.size(2)),
			  height = static_cast<int>(sample.source.size(1));
		const auto picture = [&](std::vector<uint8_t> &pixels) {
			return Picture{pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu};
		};
		on_device_.set_background(picture(background));
		on_cpu_.set_background(picture(background));
		EXPECT_NO_THROW(require_same_frame(on_device_, on_cpu_, "it", picture(source), options));
	}

	const ModelFile file_ = open_model_file(project_root() / "data" / "models" / "mobilenetv2_fp16.pth");
	FastExecutor on_device_{std::make_shared<FastModel>(file_.backbone, file_.checkpoint.weights),
				GetParam()->make()};
	FastExecutor on_cpu_{std::make_shared<FastModel>(file_.backbone, file_.checkpoint.weights), make_cpu_device()};
	const std::unique_ptr<training::Generator> generator_ =
		training::make_generator({.seed = 5, .sprites = 30, .rooms = 30});
};

INSTANTIATE_TEST_SUITE_P(Rooms, SelfCheckInRooms, testing::ValuesIn([] {
				 std::vector<const TestDevice *> devices;
				 for (const TestDevice &device : test_devices())
					 devices.push_back(&device);
				 return devices;
			 }()),
			 [](const auto &info) { return info.param->name; });

TEST_P(SelfCheckInRooms, IsPassedInTwentyOfThem)
{
	for (int room = 0; room < 20; room++) {
		SCOPED_TRACE(testing::Message() << "room " << room);
		Options options;
		options.refine_mode = room % 4 == 3 ? RefineMode::thresholding : RefineMode::sampling;
		options.refine_sample_pixels = 3000;
		expect_same(generator_->make(40 * room, {176, 99, {99}})[0], options);
	}
}

TEST_P(SelfCheckInRooms, IsPassedInLargeOnes)
{
	for (const auto &[width, height] : {std::pair(642, 358), std::pair(1280, 720)}) {
		SCOPED_TRACE(testing::Message() << width << "x" << height);
		Options options;
		options.refine_sample_pixels = width * height / 16;
		expect_same(generator_->make(3, {width, height, {static_cast<double>(height)}})[0], options);
	}
}

} // namespace
} // namespace matting
