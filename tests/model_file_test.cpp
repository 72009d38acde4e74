// SPDX-License-Identifier: GPL-2.0-or-later
#include "formula.hpp"
#include "models.hpp"

#include "inference/matting.hpp"
#include "inference/model/model_file.hpp"

#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/resource.h>

namespace matting {
namespace {

using testing::HasSubstr;

class Folder : public testing::Test {
protected:
	Folder() { std::filesystem::create_directories(path_); }
	~Folder() override { std::filesystem::remove_all(path_); }
	size_t files() const
	{
		return std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator());
	}

	std::filesystem::path path_ =
		std::filesystem::temp_directory_path() / ("model-file-test-" + std::to_string(getpid()));
};
using ModelFileTest = Folder;

TEST_F(ModelFileTest, ExportsRoundTripForEveryBackbone)
{
	for (const Backbone backbone : {Backbone::mobilenetv2, Backbone::resnet50, Backbone::resnet101}) {
		const ModelFile file = open_model_file(formula_model(backbone_name(backbone)));
		EXPECT_EQ(file.backbone, backbone);
		EXPECT_EQ(file.precision, "fp32");
		EXPECT_TRUE(file.checkpoint.is_torchscript);
		EXPECT_EQ(file.sha256.size(), 64u);
		const StateDict expected = formula_weights(backbone);
		ASSERT_EQ(file.checkpoint.weights.size(), expected.size());
		for (const auto &[name, tensor] : expected)
			EXPECT_TRUE(at::equal(file.checkpoint.weights.at(name), tensor)) << name;
	}
}

TEST_F(ModelFileTest, HalvesTheFileAndEveryFloatingTensorInHalfPrecision)
{
	const auto full = formula_model("mobilenetv2");
	torch::jit::Module network = make_network(open_model_file(full));
	convert_to_half(network);
	save_network(network, path_ / "half.pth");
	const ModelFile half = open_model_file(path_ / "half.pth");
	EXPECT_EQ(half.precision, "fp16");
	EXPECT_LT(half.bytes, std::filesystem::file_size(full) * 55 / 100);
	for (const auto &[name, tensor] : half.checkpoint.weights)
		EXPECT_EQ(tensor.scalar_type(), name.ends_with("num_batches_tracked") ? at::kLong : at::kHalf) << name;
}

TEST_F(ModelFileTest, OpensInPlainTorchScriptWithTheAttributesAtTheTop)
{
	torch::jit::Module loaded = torch::jit::load(formula_model("mobilenetv2").string());
	EXPECT_EQ(loaded.attr("backbone_scale").toDouble(), 0.25);
	EXPECT_EQ(loaded.attr("refine_mode").toStringRef(), "sampling");
	EXPECT_EQ(loaded.attr("refine_sample_pixels").toInt(), 80'000);
	EXPECT_EQ(loaded.attr("refine_threshold").toDouble(), 0.1);
	EXPECT_EQ(loaded.attr("refine_prevent_oversampling").toBool(), true);
	loaded.setattr("backbone_scale", 0.5);
	const torch::NoGradGuard no_grad;
	const auto outputs = loaded.forward({formula_picture("src", 64, 64), formula_picture("bgr", 64, 64)})
				     .toTuple()
				     ->elements()
				     .vec();
	EXPECT_EQ(outputs.size(), 6u);
	EXPECT_EQ(outputs[2].toTensor().size(2), 32);
}

TEST_F(ModelFileTest, ReadsTheAttributesOfAFile)
{
	torch::jit::Module network = make_network(Backbone::mobilenetv2);
	network.setattr("refine_mode", std::string("thresholding"));
	network.setattr("refine_threshold", 0.7);
	save_network(network, path_ / "attributes.pth");
	const Options attributes = open_model_file(path_ / "attributes.pth").checkpoint.attributes;
	EXPECT_EQ(attributes.refine_mode, RefineMode::thresholding);
	EXPECT_EQ(attributes.refine_threshold, 0.7);
	EXPECT_EQ(attributes.backbone_scale, 0.25);
}

TEST_F(ModelFileTest, RefusesWeightsOfAnotherNetwork)
{
	try {
		open_model_file(TEST_DATA "/golden/tiny_zip.pth");
		FAIL() << "nothing was thrown";
	} catch (const Error &error) {
		EXPECT_THAT(error.what(), HasSubstr("not the weights of BackgroundMattingV2"));
	}
}

TEST_F(ModelFileTest, LeavesNothingBehindWhenWritingFails)
{
	const torch::jit::Module network = make_network(Backbone::mobilenetv2);
	std::filesystem::create_directories(path_ / "folder.pth");
	EXPECT_THROW(save_network(network, path_ / "folder.pth"), Error);
	EXPECT_THROW(save_network(network, path_ / "no" / "such" / "folder" / "model.pth"), Error);
	EXPECT_EQ(files(), 1u);
	EXPECT_THROW(save_network(network, "/dev/null"), Error);
}

TEST_F(ModelFileTest, KeepsTheOldFileWhenTheDiskIsFull)
{
	std::ofstream(path_ / "kept.pth") << "before";
	rlimit unlimited;
	getrlimit(RLIMIT_FSIZE, &unlimited);
	std::signal(SIGXFSZ, SIG_IGN);
	const rlimit small{100'000, unlimited.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	EXPECT_THROW(save_network(make_network(Backbone::mobilenetv2), path_ / "kept.pth"), Error);
	setrlimit(RLIMIT_FSIZE, &unlimited);
	EXPECT_EQ(files(), 1u);
	std::string text;
	std::ifstream(path_ / "kept.pth") >> text;
	EXPECT_EQ(text, "before");
}

} // namespace
} // namespace matting
