// SPDX-License-Identifier: GPL-2.0-or-later
// Devices that compute the network pass the self-check, with formula weights and with those that people use.
#include "golden.hpp"
#include "models.hpp"
#include "test_devices.hpp"

#include "inference/fast/fast_executor.hpp"
#include "inference/fast/self_check.hpp"
#include "inference/model/model_file.hpp"

#include <gmock/gmock.h>

namespace matting {
namespace {

class SelfCheck : public testing::TestWithParam<const TestDevice *> {
protected:
	void SetUp() override
	{
		device_ = GetParam()->make();
		if (!device_)
			GTEST_SKIP() << "this machine has no such device";
	}

	// The two do not share prepared layers, but weights.
	void load(const std::filesystem::path &path)
	{
		ModelFile file = open_model_file(path);
		on_cpu_.emplace(std::make_shared<FastModel>(file.backbone, file.checkpoint.weights), make_cpu_device());
		on_device_.emplace(std::make_shared<FastModel>(file.backbone, file.checkpoint.weights),
				   std::move(device_));
	}

	std::unique_ptr<FastDevice> device_;
	std::optional<FastExecutor> on_device_, on_cpu_;
};

INSTANTIATE_TEST_SUITE_P(Devices, SelfCheck, testing::ValuesIn([] {
				 std::vector<const TestDevice *> devices;
				 for (const TestDevice &device : test_devices())
					 devices.push_back(&device);
				 return devices;
			 }()),
			 [](const auto &info) { return info.param->name + "_mobilenetv2"; });

std::filesystem::path bundled_model()
{
	return project_root() / "data" / "models" / "mobilenetv2_fp16.pth";
}

TEST_P(SelfCheck, IsPassedWithTheBundledModel)
{
	load(bundled_model());
	if (GetParam()->is_slow)
		EXPECT_NO_THROW(require_same_matte(*on_device_, *on_cpu_, "it", 66, 50));
	else
		EXPECT_NO_THROW(require_same_matte(*on_device_, *on_cpu_, "it"));
}

TEST_P(SelfCheck, IsPassedWithOtherWeights)
{
	load(formula_model("mobilenetv2"));
	EXPECT_NO_THROW(require_same_matte(*on_device_, *on_cpu_, "it", 50, 34));
}

TEST_P(SelfCheck, IsFailedWhenOneLayerIsWrong)
{
	load(formula_model("mobilenetv2"));
	ModelFile file = open_model_file(formula_model("mobilenetv2"));
	file.checkpoint.weights.at("refiner.conv3.weight") = file.checkpoint.weights.at("refiner.conv3.weight") * -1;
	FastExecutor wrong(std::make_shared<FastModel>(file.backbone, file.checkpoint.weights), make_cpu_device());
	EXPECT_THROW(require_same_matte(*on_device_, wrong, "it", 82, 50), Error);
}

} // namespace
} // namespace matting
