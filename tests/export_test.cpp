// SPDX-License-Identifier: GPL-2.0-or-later
// `export` and `info` through the program.
#include "formula.hpp"
#include "pickles.hpp"
#include "program.hpp"

#include "inference/model/known_models.hpp"
#include "inference/model/model_file.hpp"

#include <nlohmann/json.hpp>

namespace matting {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

class ExportTest : public FolderTest {
protected:
	ProgramRun export_model(const std::string &checkpoint, const std::string &output,
				const std::vector<std::string> &more = {},
				const Circumstances &circumstances = {}) const
	{
		std::vector<std::string> arguments{"export", "--model", checkpoint, "--output", path(output)};
		arguments.insert(arguments.end(), more.begin(), more.end());
		return run_program(arguments, circumstances);
	}

	static Json info(const std::string &model)
	{
		const ProgramRun run = run_program({"info", model, "--json"});
		EXPECT_EQ(run.status, 0) << run.errors;
		return Json::parse(run.output, nullptr, false);
	}

	// A state_dict as torch.save writes it.
	std::string checkpoint(Backbone backbone) const
	{
		pickles::write_checkpoint(path("checkpoint.pth"), formula_weights(backbone));
		return path("checkpoint.pth");
	}
};

TEST_F(ExportTest, KeepsEveryWeightOfACheckpoint)
{
	const std::string source = checkpoint(Backbone::resnet50);
	ASSERT_THAT(export_model(source, "model.pth"), succeeds_quietly());
	ASSERT_THAT(export_model(source, "half.pth", {"--precision", "fp16", "--backbone", "resnet50"}),
		    succeeds_quietly());
	const ModelFile full = open_model_file(path("model.pth")), half = open_model_file(path("half.pth"));
	const StateDict expected = formula_weights(Backbone::resnet50);
	ASSERT_EQ(full.checkpoint.weights.size(), expected.size());
	ASSERT_EQ(half.checkpoint.weights.size(), expected.size());
	for (const auto &[name, tensor] : expected) {
		EXPECT_TRUE(at::equal(full.checkpoint.weights.at(name), tensor)) << name;
		const at::Tensor &halved = half.checkpoint.weights.at(name);
		EXPECT_EQ(halved.scalar_type(), tensor.is_floating_point() ? at::kHalf : at::kLong) << name;
		EXPECT_TRUE(at::equal(halved, tensor.to(halved.scalar_type()))) << name;
	}
	EXPECT_NEAR(static_cast<double>(half.bytes) / static_cast<double>(full.bytes), 0.5, 0.02);
}

TEST_F(ExportTest, IsDescribedByInfo)
{
	const Json plain = info(checkpoint(Backbone::mobilenetv2));
	ASSERT_THAT(export_model(path("checkpoint.pth"), "half.pth", {"--precision", "fp16"}), succeeds_quietly());
	const Json half = info(path("half.pth"));
	std::vector<std::string> keys, attributes;
	for (const auto &[key, value] : half.items())
		keys.push_back(key);
	for (const auto &[key, value] : half["attributes"].items())
		attributes.push_back(key);
	EXPECT_THAT(keys, ElementsAre("file", "format", "backbone", "precision", "parameters", "bytes", "sha256",
				      "attributes"));
	EXPECT_THAT(attributes, ElementsAre("backbone_scale", "refine_mode", "refine_sample_pixels", "refine_threshold",
					    "refine_prevent_oversampling"));
	EXPECT_EQ(plain["format"], "checkpoint");
	EXPECT_EQ(plain["precision"], "fp32");
	EXPECT_EQ(half["file"], path("half.pth"));
	EXPECT_EQ(half["format"], "torchscript");
	EXPECT_EQ(half["backbone"], "mobilenetv2");
	EXPECT_EQ(half["precision"], "fp16");
	EXPECT_EQ(half["parameters"], 5'006'839); // the paper's table 3
	EXPECT_EQ(half["bytes"], std::filesystem::file_size(path("half.pth")));
	EXPECT_EQ(half["attributes"]["refine_mode"], "sampling");
	EXPECT_EQ(half["attributes"]["refine_sample_pixels"], 80'000);
	EXPECT_THAT(run_program({"info", path("half.pth")}).output,
		    testing::AllOf(HasSubstr("backbone: "), HasSubstr("mobilenetv2\n"), HasSubstr("fp16\n")));
}

TEST_F(ExportTest, KeepsTheAttributesOfATorchScriptFile)
{
	torch::jit::Module network = make_network(Backbone::mobilenetv2);
	network.setattr("refine_mode", std::string("thresholding"));
	network.setattr("backbone_scale", 0.125);
	save_network(network, path("tuned.pth"));
	ASSERT_THAT(export_model(path("tuned.pth"), "model.pth"), succeeds_quietly());
	const Json attributes = info(path("model.pth"))["attributes"];
	EXPECT_EQ(attributes["refine_mode"], "thresholding");
	EXPECT_EQ(attributes["backbone_scale"], 0.125);
	EXPECT_EQ(attributes["refine_threshold"], 0.1);
}

TEST_F(ExportTest, RefusesWhatItCannotExport)
{
	const std::string source = checkpoint(Backbone::mobilenetv2);
	EXPECT_THAT(export_model(source, "model.pth", {"--backbone", "resnet50"}),
		    fails_saying("holds weights for the backbone mobilenetv2, not resnet50"));
	EXPECT_EQ(export_model(source, "model.pth", {"--backbone", "vgg"}).status, 2);
	EXPECT_EQ(export_model(source, "model.pth", {"--precision", "int8"}).status, 2);
	EXPECT_THAT(export_model(path("none.pth"), "model.pth"), fails_saying("there is no such file"));
	EXPECT_THAT(export_model(path("."), "model.pth"), fails_saying("it is a folder"));
	EXPECT_THAT(export_model(source, "checkpoint.pth"), fails_saying("is the checkpoint"));
	EXPECT_THAT(export_model(source, "no/such/folder/model.pth"), fails_saying("no/such/folder; make it first"));
	EXPECT_THAT(files(), ElementsAre("checkpoint.pth"));
	write_file(path("model.pth"), "mine");
	EXPECT_THAT(export_model(source, "model.pth", {"-n"}), fails_saying("is there already, and -n keeps it"));
	EXPECT_EQ(read_file(path("model.pth")), "mine");
}

// One byte, in the weights: LibTorch would not notice.
TEST_F(ExportTest, RefusesAFileOfWhichAByteWasDamaged)
{
	const std::string sound = read_file(bundled_model());
	for (const size_t place : {size_t{3'000'000}, sound.size() / 2, sound.size() - 1'000'000}) {
		std::string damaged = sound;
		damaged[place] = static_cast<char>(damaged[place] ^ 1);
		write_file(path("damaged.pth"), damaged);
		EXPECT_THAT(export_model(path("damaged.pth"), "model.pth"), fails_saying("is damaged or cut off"))
			<< place;
	}
	EXPECT_THAT(files(), ElementsAre("damaged.pth"));
}

TEST_F(ExportTest, LeavesNothingHalfWrittenOnAFullDisk)
{
	const std::string source = checkpoint(Backbone::mobilenetv2);
	EXPECT_THAT(export_model(source, "model.pth", {}, {.max_file_bytes = 100'000}), fails_saying("File too large"));
	EXPECT_THAT(files(), ElementsAre("checkpoint.pth"));
}

TEST_F(ExportTest, ListsTheWeightsThatDoNotFit)
{
	StateDict weights = formula_weights(Backbone::mobilenetv2);
	weights.erase("aspp.convs.0.0.weight");
	weights.at("refiner.conv4.bias") = at::zeros({5});
	weights["refiner.head\x1b[31m\nweight"] = at::zeros({1}); // a name with a line break and a terminal's escape
	pickles::write_checkpoint(path("other.pth"), weights);
	const ProgramRun run = run_program({"info", path("other.pth")});
	EXPECT_THAT(run, fails_saying("1 missing: aspp.convs.0.0.weight"));
	EXPECT_THAT(run, fails_saying("refiner.conv4.bias [5] instead of [4]"));
	EXPECT_THAT(run, fails_saying("1 too many: refiner.head [31m weight"));
}

} // namespace
} // namespace matting
