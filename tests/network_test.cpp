// SPDX-License-Identifier: GPL-2.0-or-later
// The network against outputs of the published code: tests/golden/README.md says how they were made.
#include "formula.hpp"
#include "golden.hpp"

#include "inference/matting.hpp"
#include "inference/model/model_file.hpp"
#include "inference/model/network.hpp"
#include "inference/scripted_executor.hpp"
#include "models.hpp"

#include <gmock/gmock.h>

namespace matting {
namespace {

constexpr std::array output_names{"pha", "fgr", "pha_sm", "fgr_sm", "err_sm", "ref_sm"};

double max_difference(const at::Tensor &a, const at::Tensor &b)
{
	return a.sizes() == b.sizes() ? (a - b).abs().max().item<double>() : 1e9;
}

torch::jit::Module formula_network(Backbone backbone)
{
	torch::jit::Module network = make_network(backbone);
	load_state_dict(network, formula_weights(backbone));
	return network;
}

class PublishedCode : public testing::TestWithParam<Backbone> {
protected:
	torch::NoGradGuard no_grad_;
};

INSTANTIATE_TEST_SUITE_P(Backbones, PublishedCode,
			 testing::Values(Backbone::mobilenetv2, Backbone::resnet50, Backbone::resnet101),
			 [](const auto &info) { return backbone_name(info.param); });

TEST_P(PublishedCode, GivesTheSameOutputsInEveryCase)
{
	torch::jit::Module network = formula_network(GetParam());
	int cases = 0;
	for (const auto &row : golden_cases()) {
		if (row["backbone"] != backbone_name(GetParam()))
			continue;
		cases++;
		SCOPED_TRACE(row["case"].get<std::string>());
		const Options options = golden_options(row);
		for_each_option([&](const auto &option) {
			if (option.attribute)
				network.setattr(option.name, attribute_value(option, options));
		});
		const int64_t height = row["height"], width = row["width"];
		const auto outputs =
			network.forward({formula_picture("src", height, width), formula_picture("bgr", height, width)})
				.toTuple()
				->elements()
				.vec();
		for (size_t i = 0; i < output_names.size(); i++)
			EXPECT_LE(max_difference(outputs[i].toTensor(), read_golden(row["outputs"][output_names[i]])),
				  1e-5)
				<< output_names[i];
	}
	EXPECT_EQ(cases, 8);
}

// Frozen, with its batch norms folded: rounding differs a little.
TEST_P(PublishedCode, IsWhatTheScriptedExecutorRuns)
{
	ScriptedModel executor(open_model_file(formula_model(backbone_name(GetParam()))));
	for (const auto &row : golden_cases()) {
		if (row["backbone"] != backbone_name(GetParam()))
			continue;
		SCOPED_TRACE(row["case"].get<std::string>());
		const int64_t height = row["height"], width = row["width"];
		const MatteTensors matte = executor.run(formula_picture("src", height, width),
							formula_picture("bgr", height, width), golden_options(row));
		const auto &outputs = row["outputs"];
		EXPECT_LE(max_difference(matte.alpha, read_golden(outputs["pha"])), 2e-5);
		EXPECT_LE(max_difference(matte.foreground, read_golden(outputs["fgr"])), 2e-5);
		EXPECT_LE(max_difference(matte.coarse_error, read_golden(outputs["err_sm"])), 2e-5);
		EXPECT_EQ(max_difference(matte.refined, read_golden(outputs["ref_sm"])), 0);
	}
}

// The paper's table of sizes; also computed from the published code.
TEST(Network, HasAsManyParametersAsThePaperSays)
{
	const std::map<Backbone, int64_t> expected{{Backbone::mobilenetv2, 5'006'839},
						   {Backbone::resnet50, 40'247'703},
						   {Backbone::resnet101, 59'239'831}};
	for (const auto &[backbone, count] : expected) {
		int64_t parameters = 0;
		for (const auto &parameter : make_network(backbone).named_parameters())
			parameters += parameter.value.numel();
		EXPECT_EQ(parameters, count) << backbone_name(backbone);
	}
}

std::string forward_error(torch::jit::Module &network, at::IntArrayRef source, at::IntArrayRef background)
{
	try {
		network.forward({at::rand(source), at::rand(background)});
	} catch (const std::exception &error) {
		return error.what();
	}
	return "";
}

TEST(Network, NamesWrongShapesInWords)
{
	torch::jit::Module network = make_network(Backbone::mobilenetv2);
	EXPECT_THAT(forward_error(network, {1, 3, 64, 64}, {1, 3, 64, 60}),
		    testing::HasSubstr("src and bgr must have the same shape, not [1, 3, 64, 64] and [1, 3, 64, 60]"));
	EXPECT_THAT(forward_error(network, {1, 3, 62, 64}, {1, 3, 62, 64}), testing::HasSubstr("divisible by 4"));
	EXPECT_THAT(forward_error(network, {1, 4, 64, 64}, {1, 4, 64, 64}), testing::HasSubstr("(B, 3, H, W)"));
	network.setattr("refine_mode", std::string("everywhere"));
	EXPECT_THAT(forward_error(network, {1, 3, 64, 64}, {1, 3, 64, 64}), testing::HasSubstr("not everywhere"));
}

TEST(Network, ClampsSamplePixelsToThePicture)
{
	const torch::NoGradGuard no_grad;
	torch::jit::Module network = formula_network(Backbone::mobilenetv2);
	const auto refined = [&](int64_t pixels) {
		network.setattr("refine_sample_pixels", pixels);
		network.setattr("refine_prevent_oversampling", false);
		return network.forward({formula_picture("src", 64, 64), formula_picture("bgr", 64, 64)})
			.toTuple()
			->elements()
			.vec()[5]
			.toTensor()
			.sum()
			.item<int64_t>();
	};
	EXPECT_EQ(refined(1600), 100);
	EXPECT_EQ(refined(2'000'000), 16 * 16);
}

TEST(StateDict, ListsWhatIsMissingMisshapenAndTooMany)
{
	StateDict weights = formula_weights(Backbone::mobilenetv2);
	weights.erase("refiner.conv4.bias");
	weights["aspp.project.0.weight"] = at::zeros({1});
	weights["decoder.classifier.weight"] = at::zeros({1});
	torch::jit::Module network = make_network(Backbone::mobilenetv2);
	try {
		load_state_dict(network, weights);
		FAIL() << "nothing was thrown";
	} catch (const Error &error) {
		EXPECT_THAT(error.what(), testing::HasSubstr("1 missing: refiner.conv4.bias"));
		EXPECT_THAT(error.what(), testing::HasSubstr("aspp.project.0.weight [1] instead of [256, 1280, 1, 1]"));
		EXPECT_THAT(error.what(), testing::HasSubstr("1 too many: decoder.classifier.weight"));
	}
	EXPECT_EQ(state_dict(network).at("refiner.conv1.weight").abs().max().item<float>(), 0) << "it was changed";
}

} // namespace
} // namespace matting
