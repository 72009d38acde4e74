// SPDX-License-Identifier: GPL-2.0-or-later
// Whole frames on a device: every size, again and again, with maps that hold nonsense before each, and from two threads.
#include "forwarding_device.hpp"
#include "kernels.hpp"

#include "tests/golden.hpp"

#include "inference/fast/fast_executor.hpp"
#include "inference/fast/self_check.hpp"
#include "inference/model/model_file.hpp"

#include <thread>

namespace matting {
namespace {

const ModelFile &bundled()
{
	static const ModelFile file = open_model_file(project_root() / "data" / "models" / "mobilenetv2_fp16.pth");
	return file;
}

FastExecutor executor_on(std::unique_ptr<FastDevice> device)
{
	return {std::make_shared<FastModel>(bundled().backbone, bundled().checkpoint.weights), std::move(device)};
}

struct Drawn {
	int width, height;
	std::vector<uint8_t> pixels;

	Drawn(int width, int height, unsigned seed) : width(width), height(height), pixels(size_t{4} * width * height)
	{
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++)
				for (int c = 0; c < 4; c++) {
					const double wave =
						std::sin(0.02 * x * (c + 1) + seed) * std::cos(0.015 * y + c);
					pixels[4 * (size_t{1} * y * width + x) + c] =
						c == 3 ? 255
						       : static_cast<uint8_t>(128 + 90 * wave + (x * 7 + y * 13) % 24);
				}
	}
	Picture picture() { return {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu}; }
};

/// Fills the network's maps with enormous numbers before each frame: whatever a frame reads it must have written. Not with
/// NaNs: channels up to the next octet are read, weigh nothing, and are always finite.
class PoisonedDevice : public ForwardingDevice {
public:
	explicit PoisonedDevice(std::unique_ptr<FastDevice> device) : ForwardingDevice(std::move(device)) {}

	std::shared_ptr<void> allocate(size_t bytes) override
	{
		auto memory = device_->allocate(bytes);
		if (is_in_frame_)
			maps_.push_back({static_cast<uint8_t *>(memory.get()), bytes});
		return memory;
	}
	Picture begin_frame(const Picture &result) override
	{
		is_in_frame_ = true; // the network is laid out in its first frame
		const Picture frame = device_->begin_frame(result);
		for (const auto &[data, bytes] : maps_) {
			const std::vector<uint8_t> nonsense(bytes, 0x7B);
			copy_to_device(data, nonsense.data(), bytes);
			poisoned++;
		}
		return frame;
	}
	void downsample(const Map &stored, const Map &out) override
	{
		if (!is_running_) // the background, which is there to stay
			std::erase_if(maps_, [&](const auto &map) {
				return out.data >= map.first && out.data < map.first + map.second;
			});
		device_->downsample(stored, out);
	}
	void run(uint64_t version, const std::function<void()> &operations) override
	{
		is_running_ = true;
		device_->run(version, operations);
		is_running_ = false;
	}
	void end_frame(const Picture &result) override
	{
		device_->end_frame(result);
		is_in_frame_ = false;
	}

	int poisoned = 0;

private:
	std::vector<std::pair<uint8_t *, size_t>> maps_;
	bool is_in_frame_ = false, is_running_ = false;
};

using FramesOnDevice = Kernels;

INSTANTIATE_TEST_SUITE_P(Kernels, FramesOnDevice, testing::ValuesIn(tested_devices()),
			 [](const auto &info) { return info.param->name; });

void expect_same_frames(FastExecutor on_device, FastExecutor on_cpu, const std::vector<std::pair<int, int>> &sizes)
{
	const torch::InferenceMode inference;
	for (size_t i = 0; i < sizes.size(); i++) {
		const auto [width, height] = sizes[i];
		SCOPED_TRACE(testing::Message() << width << "x" << height);
		Drawn source(width, height, 1), background(width, height, 2);
		on_device.set_background(background.picture());
		on_cpu.set_background(background.picture());
		Options options;
		options.refine_mode = static_cast<RefineMode>(i % 3);
		options.backbone_scale = std::array{0.25, 0.125, 0.37}[i / 3 % 3];
		options.refine_sample_pixels = width * height / 8;
		EXPECT_NO_THROW(require_same_frame(on_device, on_cpu, "it", source.picture(), options));
	}
}

TEST_P(FramesOnDevice, AreThoseOfTheCpuInSmallSizes)
{
	expect_same_frames(executor_on(std::move(device)), executor_on(std::move(cpu)), {{16, 16}, {19, 37}, {66, 41}});
}

TEST_P(FramesOnDevice, AreThoseOfTheCpuInEverySize)
{
	if (GetParam()->is_slow)
		GTEST_SKIP() << "hours on the stand-in";
	std::vector<std::pair<int, int>> sizes{{16, 4000}, {4000, 16}};
	for (int i = 0; i < 55; i++)
		sizes.push_back({16 + i, 16 + i * 23 % 55});
	expect_same_frames(executor_on(std::move(device)), executor_on(std::move(cpu)), sizes);
	expect_same_frames(executor_on(GetParam()->make()),
			   executor_on(make_cpu_device()), // the reference takes minutes
			   {{1918, 1078}, {1921, 1081}, {3840, 2160}});
}

TEST_P(FramesOnDevice, AreTheSameBitsTwoHundredTimesAndWithNonsenseInEveryMap)
{
	const int width = GetParam()->is_slow ? 34 : 1920, height = GetParam()->is_slow ? 22 : 1080,
		  times = GetParam()->is_slow ? 2 : 200;
	Drawn source(width, height, 1), background(width, height, 2), first(width, height, 3), again(width, height, 4);
	auto poisoned_device = std::make_unique<PoisonedDevice>(GetParam()->make());
	const PoisonedDevice &poisoned = *poisoned_device;
	FastExecutor executor = executor_on(std::move(device)), with_nonsense = executor_on(std::move(poisoned_device));
	executor.set_background(background.picture());
	with_nonsense.set_background(background.picture());
	executor.matte(source.picture(), Options(), View::result, first.picture());
	for (int i = 0; i < times; i++) {
		executor.matte(source.picture(), Options(), View::result, again.picture());
		ASSERT_TRUE(again.pixels == first.pixels) << "frame " << i;
	}
	const int poisoned_frames = GetParam()->is_slow ? 2 : 20;
	for (int i = 0; i < poisoned_frames; i++) {
		with_nonsense.matte(source.picture(), Options(), View::result, again.picture());
		ASSERT_TRUE(again.pixels == first.pixels) << "poisoned frame " << i;
	}
	EXPECT_GE(poisoned.poisoned, 5 * poisoned_frames) << "maps that were filled";
}

TEST_P(FramesOnDevice, OfTwoEnginesInTwoThreadsKeepTheirMemoryWhileOptionsChange)
{
	if (GetParam()->is_slow)
		GTEST_SKIP() << "the stand-in has one thread";
	const auto run = [&](unsigned seed) {
		FastExecutor executor = executor_on(GetParam()->make());
		Drawn source(322, 182, seed), background(322, 182, 7), result(322, 182, 8);
		executor.set_background(background.picture());
		size_t memory = 0;
		for (int i = 0; i < 2000; i++) {
			Options options;
			options.refine_threshold = 0.1 + 0.4 * (i / 2 % 2);
			options.refine_mode = static_cast<RefineMode>(i / 4 % 3);
			executor.matte(source.picture(), options, View::result, result.picture());
			if (i == 200)
				memory = executor.device_figures().memory_bytes;
		}
		return std::pair(memory, executor.device_figures().memory_bytes);
	};
	std::pair<size_t, size_t> one, other;
	std::thread first([&] { one = run(1); }), second([&] { other = run(2); });
	first.join();
	second.join();
	// Both are counted together; either may have ended before the other measured.
	EXPECT_LE(one.second, one.first + (1 << 20));
	EXPECT_LE(other.second, other.first + (1 << 20));
}

} // namespace
} // namespace matting
