// SPDX-License-Identifier: GPL-2.0-or-later
// The fast executor against the scripted one, in numbers before they are rounded to bytes.
#include "formula.hpp"
#include "golden.hpp"
#include "models.hpp"
#include "test_devices.hpp"

#include "inference/fast/fast_executor.hpp"
#include "inference/model/model_file.hpp"
#include "inference/scripted_executor.hpp"

#include <map>
#include <random>

#include <gmock/gmock.h>

namespace matting {
namespace {

struct TestPicture {
	int width, height;
	std::vector<uint8_t> pixels;

	TestPicture(int width, int height) : width(width), height(height), pixels(size_t{4} * width * height) {}
	Picture picture() { return {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu}; }
};

// (1, 3, H, W) in 0..1, rounded to bytes.
TestPicture rounded(const at::Tensor &planes)
{
	TestPicture picture(static_cast<int>(planes.size(3)), static_cast<int>(planes.size(2)));
	const at::Tensor bytes = (planes.squeeze(0).permute({1, 2, 0}) * 255).round().to(at::kByte);
	const at::Tensor opaque = at::full({planes.size(2), planes.size(3), 1}, 255, at::kByte);
	const at::Tensor rgba = at::cat({bytes, opaque}, 2).contiguous();
	std::copy_n(rgba.const_data_ptr<uint8_t>(), picture.pixels.size(), picture.pixels.data());
	return picture;
}

// Smooth shapes with noise, so that errors vary from cell to cell.
TestPicture drawn(int width, int height, unsigned seed)
{
	TestPicture picture(width, height);
	std::mt19937 random(seed);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			for (int c = 0; c < 4; c++) {
				const double wave = std::sin(0.11 * x * (c + 1) + seed) * std::cos(0.07 * y + c);
				picture.pixels[4 * (size_t{1} * y * width + x) + c] =
					c == 3 ? 255 : static_cast<uint8_t>(120 + 80 * wave + random() % 40);
			}
	return picture;
}

struct Case {
	const TestDevice *device;
	Backbone backbone;
};

std::vector<Case> cases()
{
	std::vector<Case> cases;
	for (const TestDevice &device : test_devices())
		for (const Backbone backbone : device.backbones)
			cases.push_back({&device, backbone});
	return cases;
}

/// Read once for all tests of a case.
struct Models {
	std::shared_ptr<ScriptedModel> scripted;
	std::shared_ptr<FastModel> fast;
};

const Models &models_of(const Case &test_case)
{
	static std::map<std::pair<const TestDevice *, Backbone>, Models> known;
	Models &models = known[{test_case.device, test_case.backbone}];
	if (!models.fast) {
		const ModelFile file = open_model_file(formula_model(backbone_name(test_case.backbone)));
		models.scripted = std::make_shared<ScriptedModel>(file);
		models.fast = std::make_shared<FastModel>(file.backbone, file.checkpoint.weights);
	}
	return models;
}

class FastExecutorTest : public testing::TestWithParam<Case> {
protected:
	void SetUp() override
	{
		auto device = GetParam().device->make();
		if (!device)
			GTEST_SKIP() << "this machine has no such device";
		const Models &models = models_of(GetParam());
		scripted_.emplace(models.scripted);
		fast_.emplace(models.fast, std::move(device));
	}

	void expect_equal(TestPicture source, TestPicture background, const Options &options)
	{
		const torch::InferenceMode inference;
		fast_->set_background(background.picture());
		scripted_->set_background(background.picture());
		const MatteTensors fast = fast_->matte_exactly(source.picture(), options);
		const MatteTensors scripted = scripted_->matte_exactly(source.picture(), options);
		// Cells whose errors differ by rounding alone may change places.
		const at::Tensor same = at::eq(fast.refined, scripted.refined).to(at::kFloat);
		const double changed = (1 - same).sum().item<double>();
		const double allowed = GetParam().device->most > 0.01 ? 0.02 : 0.002;
		EXPECT_LE(changed, allowed * static_cast<double>(same.numel()));
		if (options.refine_mode != RefineMode::thresholding) {
			EXPECT_EQ(fast.refined.sum().item<double>(), scripted.refined.sum().item<double>());
		}
		const at::Tensor compared = at::upsample_nearest2d(same, {fast.alpha.size(2), fast.alpha.size(3)});
		expect_near(fast.alpha * compared, scripted.alpha * compared);
		expect_near(fast.foreground * compared, scripted.foreground * compared);
		expect_near(fast.coarse_error, scripted.coarse_error);
	}

	static void expect_near(const at::Tensor &a, const at::Tensor &b)
	{
		const at::Tensor difference = (a - b).abs();
		EXPECT_LE(difference.max().item<double>(), GetParam().device->most);
		EXPECT_LE(difference.mean().item<double>(), GetParam().device->mean);
	}

	std::optional<ScriptedExecutor> scripted_;
	std::optional<FastExecutor> fast_;
};

INSTANTIATE_TEST_SUITE_P(Devices, FastExecutorTest, testing::ValuesIn(cases()), [](const auto &info) {
	return info.param.device->name + "_" + backbone_name(info.param.backbone);
});

TEST_P(FastExecutorTest, EqualsTheScriptedOneInEveryGoldenCase)
{
	int cases = 0;
	for (const auto &row : golden_cases()) {
		if (row["backbone"] != backbone_name(GetParam().backbone))
			continue;
		cases++;
		SCOPED_TRACE(row["case"].get<std::string>());
		const int64_t height = row["height"], width = row["width"];
		expect_equal(rounded(formula_picture("src", height, width)),
			     rounded(formula_picture("bgr", height, width)), golden_options(row));
	}
	EXPECT_EQ(cases, 8);
}

TEST_P(FastExecutorTest, EqualsTheScriptedOneOnPicturesOfAnySize)
{
	constexpr std::array<std::pair<int, int>, 6> sizes{
		{{16, 16}, {17, 31}, {131, 66}, {16, 400}, {322, 182}, {256, 400}}};
	constexpr std::array scales{0.125, 0.25, 0.37};
	for (size_t size = 0; size < sizes.size(); size++)
		for (int mode = 0; mode < 3; mode++) {
			const auto [width, height] = sizes[size];
			if (GetParam().device->is_slow && width * height > 1000)
				continue;
			Options options;
			options.refine_mode = static_cast<RefineMode>(mode);
			// Each scale meets each size and each mode.
			options.backbone_scale = scales[(size + mode) % scales.size()];
			options.refine_sample_pixels = width * height / 6;
			options.refine_threshold = 0.25;
			SCOPED_TRACE(testing::Message() << width << "x" << height << " mode " << mode << " scale "
							<< options.backbone_scale);
			expect_equal(drawn(width, height, 1), drawn(width, height, 2), options);
		}
}

// Maps share memory, and plans are made anew: nothing of another frame may show.
TEST_P(FastExecutorTest, GivesTheSameBitsAgainAfterOtherFrames)
{
	const torch::InferenceMode inference;
	const auto matte = [&](int width, int height, unsigned seed, const Options &options) {
		TestPicture source = drawn(width, height, seed), background = drawn(width, height, 7);
		fast_->set_background(background.picture());
		const MatteTensors matte = fast_->matte_exactly(source.picture(), options);
		return at::cat({matte.alpha, matte.foreground}, 1).clone();
	};
	Options full;
	full.refine_mode = RefineMode::full;
	const at::Tensor first = matte(60, 44, 1, Options());
	matte(60, 44, 2, full);
	matte(30, 70, 3, Options());
	EXPECT_TRUE(at::equal(first, matte(60, 44, 1, Options())));
	EXPECT_TRUE(at::equal(first, matte(60, 44, 1, Options())));
}

TEST_P(FastExecutorTest, EqualsTheScriptedOneWherePicturesOfTwoSizesAreOneWhenSmall)
{
	Options options;
	options.backbone_scale = 0.125;
	options.refine_sample_pixels = 640;
	for (const int width : {68, 64, 68})
		expect_equal(drawn(width, 64, 1), drawn(width, 64, 2), options);
}

// Devices may record a frame and play it again: pictures, options and views must not be those of the recording.
TEST_P(FastExecutorTest, WritesWhatItComputesAlsoWhenFramesRepeat)
{
	const torch::InferenceMode inference;
	constexpr int width = 35, height = 26;
	TestPicture background = drawn(width, height, 7);
	fast_->set_background(background.picture());
	Options full;
	full.refine_mode = RefineMode::full;
	const auto write = [&](unsigned seed, const Options &options, View view) {
		TestPicture result(width, height);
		fast_->matte(drawn(width, height, seed).picture(), options, view, result.picture());
		return result;
	};
	const auto expect_written = [&](const TestPicture &result, unsigned seed, const Options &options, View view) {
		const MatteTensors exact = fast_->matte_exactly(drawn(width, height, seed).picture(), options);
		const at::Tensor planes =
			view == View::result ? at::cat({exact.foreground, exact.alpha}, 1) : exact.foreground;
		const at::Tensor expected =
			planes.squeeze(0).permute({1, 2, 0}).slice(0, 0, height).slice(1, 0, width) * 255;
		const at::Tensor written =
			at::from_blob(const_cast<uint8_t *>(result.pixels.data()), {height, width, 4}, at::kByte);
		const at::Tensor difference = written.slice(2, 0, expected.size(2)).to(at::kFloat) - expected;
		EXPECT_LE(difference.abs().max().item<double>(), 0.51) << "picture " << seed;
	};
	expect_written(write(10, full, View::result), 10, full, View::result);
	expect_written(write(11, full, View::foreground), 11, full, View::foreground);
	// The same way again and again, as on air.
	for (const unsigned seed : {3, 4})
		write(seed, Options(), View::result);
	const TestPicture repeated = write(5, Options(), View::result);
	EXPECT_EQ(write(5, Options(), View::result).pixels, repeated.pixels);
	expect_written(repeated, 5, Options(), View::result);
}

TEST_P(FastExecutorTest, RefinesNothingWhereNoErrorIsAboveTheThreshold)
{
	const torch::InferenceMode inference;
	TestPicture source = drawn(160, 96, 1), background = drawn(160, 96, 2);
	Options options;
	options.refine_mode = RefineMode::thresholding;
	options.refine_threshold = 1;
	fast_->set_background(background.picture());
	EXPECT_EQ(fast_->matte_exactly(source.picture(), options).refined.sum().item<double>(), 0);
	const StageTime patches = fast_->stage_times().back();
	EXPECT_EQ(patches.name, "patches");
	EXPECT_EQ(patches.multiplications, 0);
}

} // namespace
} // namespace matting
