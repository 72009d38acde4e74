// SPDX-License-Identifier: GPL-2.0-or-later
// Devices that compute nonsense are refused, each kind of nonsense with the bundled model's weights.
#include "golden.hpp"

#include "inference/fast/fast_executor.hpp"
#include "inference/fast/self_check.hpp"
#include "inference/model/model_file.hpp"

#include <limits>

#include <gmock/gmock.h>

namespace matting {
namespace {

using testing::HasSubstr;

/// The CPU's executor, but for what a test lets go wrong.
struct Broken : Executor {
	explicit Broken(FastExecutor &device) : device(device) {}

	void set_background(const Picture &background) override { device.set_background(background); }
	void matte(const Picture &source, const Options &options, View view, const Picture &result) override
	{
		mattes++;
		if (mattes <= works_until)
			device.matte(source, options, view, result);
		else if (!last.empty())
			std::copy(last.begin(), last.end(), result.pixels);
		if (mattes <= works_until)
			last.assign(result.pixels, result.pixels + result.pitch * result.height);
		if (after_matte)
			after_matte(result);
	}
	MatteTensors matte_exactly(const Picture &source, const Options &options) override
	{
		MatteTensors tensors = device.matte_exactly(source, options);
		if (after_exact)
			after_exact(tensors, options);
		return tensors;
	}
	std::vector<StageTime> stage_times() const override { return {}; }

	FastExecutor &device;
	int mattes = 0, works_until = 1000;
	std::vector<uint8_t> last;
	std::function<void(const Picture &)> after_matte;
	std::function<void(MatteTensors &, const Options &)> after_exact;
};

class SelfCheckOfNonsense : public testing::Test {
protected:
	std::string refusal()
	{
		try {
			require_same_matte(device, on_cpu, "the card", 322, 182);
			return "";
		} catch (const Error &error) {
			return error.what();
		}
	}

	const ModelFile file = open_model_file(project_root() / "data" / "models" / "mobilenetv2_fp16.pth");
	const std::shared_ptr<FastModel> model = std::make_shared<FastModel>(file.backbone, file.checkpoint.weights);
	FastExecutor on_cpu{model, make_cpu_device()}, another{model, make_cpu_device()};
	Broken device{another};
};

TEST_F(SelfCheckOfNonsense, AcceptsTheCpu)
{
	EXPECT_EQ(refusal(), "");
}

TEST_F(SelfCheckOfNonsense, RefusesAlphaThatIsAlwaysOpaque)
{
	device.after_exact = [](MatteTensors &tensors, const Options &) {
		tensors.alpha = at::ones_like(tensors.alpha);
	};
	EXPECT_THAT(refusal(), HasSubstr("the card computes another matte than the CPU (by up to 1.00 of 1"));
}

TEST_F(SelfCheckOfNonsense, RefusesAlphaThatIsALittleTooHighEverywhere)
{
	device.after_exact = [](MatteTensors &tensors, const Options &) {
		tensors.alpha = tensors.alpha + 0.01;
	};
	EXPECT_THAT(refusal(), HasSubstr("0.0100 on average"));
}

TEST_F(SelfCheckOfNonsense, RefusesOneCellOfOtherColours)
{
	device.after_exact = [](MatteTensors &tensors, const Options &options) {
		if (options.refine_mode != RefineMode::full)
			return;
		tensors.foreground = tensors.foreground.clone();
		auto cell = tensors.foreground.slice(2, 80, 84).slice(3, 100, 104);
		cell.copy_(1 - cell.round());
	};
	EXPECT_THAT(refusal(), HasSubstr("another matte"));
}

TEST_F(SelfCheckOfNonsense, RefusesASingleNaN)
{
	device.after_exact = [](MatteTensors &tensors, const Options &) {
		tensors.alpha = tensors.alpha.clone();
		tensors.alpha[0][0][90][100] = std::numeric_limits<float>::quiet_NaN();
	};
	EXPECT_THAT(refusal(), HasSubstr("by up to 1.00 of 1"));
}

TEST_F(SelfCheckOfNonsense, RefusesToRefineOtherCells)
{
	device.after_exact = [](MatteTensors &tensors, const Options &options) {
		if (options.refine_mode == RefineMode::sampling)
			tensors.refined = 1 - tensors.refined;
	};
	EXPECT_THAT(refusal(), HasSubstr("% of the picture is refined and should not be"));
}

TEST_F(SelfCheckOfNonsense, RefusesARecordingThatRepeatsItsOwnPicture)
{
	device.works_until = 2;
	EXPECT_THAT(refusal(), HasSubstr("the same picture has not the same matte again"));
}

TEST_F(SelfCheckOfNonsense, RefusesToWriteNothing)
{
	device.works_until = 0;
	EXPECT_THAT(refusal(), HasSubstr("another matte"));
}

TEST_F(SelfCheckOfNonsense, RefusesToWriteAlphaUpsideDown)
{
	device.after_matte = [](const Picture &result) {
		for (int i = 0; i < result.width * result.height; i++)
			result.pixels[4 * i + 3] = 255 - result.pixels[4 * i + 3];
	};
	EXPECT_THAT(refusal(), HasSubstr("another matte"));
}

} // namespace
} // namespace matting
