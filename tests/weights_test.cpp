// SPDX-License-Identifier: GPL-2.0-or-later
// What trainings make of a network's weights: names, things beside them, other formats.
#include "formula.hpp"
#include "pickles.hpp"

#include "inference/error.hpp"
#include "inference/model/model_file.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace matting {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Weights : public testing::Test {
protected:
	~Weights() override { std::filesystem::remove(path_); }

	static const StateDict &weights()
	{
		static const StateDict weights = formula_weights(Backbone::mobilenetv2);
		return weights;
	}
	static StateDict under(const std::string &prefix)
	{
		StateDict renamed;
		for (const auto &[name, tensor] : weights())
			renamed.emplace(prefix + name, tensor);
		return renamed;
	}
	void write_bytes(const std::string &bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
	std::string bytes() const
	{
		std::ifstream stream(path_, std::ios::binary);
		return {std::istreambuf_iterator<char>(stream), {}};
	}

	void expect_weights() const
	{
		const ModelFile file = open_model_file(path_);
		EXPECT_EQ(file.backbone, Backbone::mobilenetv2);
		const StateDict network = state_dict(make_network(file));
		for (const auto &[name, tensor] : weights())
			if (!name.ends_with("num_batches_tracked")) {
				EXPECT_TRUE(at::equal(network.at(name), tensor)) << name;
			}
	}
	std::string error() const
	{
		try {
			open_model_file(path_);
		} catch (const Error &error) {
			return error.what();
		}
		return "no error";
	}

	const std::filesystem::path path_ =
		std::filesystem::temp_directory_path() / ("weights-" + std::to_string(getpid()) + ".pth");
};

TEST_F(Weights, AreFoundUnderAnyPrefix)
{
	for (const char *prefix : {"module.", "_orig_mod.", "module._orig_mod.", "model.module.", "ema.net.model."}) {
		SCOPED_TRACE(prefix);
		StateDict saved = under(prefix);
		saved.emplace("n_averaged", at::ones({}, at::kLong));
		saved.emplace("loss.kernel", at::ones({1, 1, 3, 3}));
		pickles::write_checkpoint(path_, saved);
		expect_weights();
	}
}

TEST_F(Weights, AreFoundInDictionaries)
{
	const std::vector<std::vector<std::string>> ways{{"state_dict"}, {"model"}, {"model_ema"}, {"ema", "module"}};
	for (const auto &keys : ways) {
		SCOPED_TRACE(keys.front());
		pickles::write_checkpoint(path_, under(""), keys);
		expect_weights();
	}
}

TEST_F(Weights, MayHaveOthersBesideThemButNotWithinThem)
{
	StateDict saved = under("");
	saved.emplace("loss.kernel", at::ones({1, 1, 3, 3}));
	pickles::write_checkpoint(path_, saved);
	expect_weights();
	saved.emplace("refiner.conv9.weight", at::ones({1, 1, 3, 3}));
	pickles::write_checkpoint(path_, saved);
	EXPECT_THAT(error(), HasSubstr("1 too many: refiner.conv9.weight"));
}

TEST_F(Weights, OfTwoNetworksAreRefusedByTheirNames)
{
	StateDict saved = under("student.");
	saved.merge(under("teacher.module."));
	pickles::write_checkpoint(path_, saved);
	EXPECT_THAT(error(), HasSubstr("it holds 2 networks, under student., teacher.module.: save"));
	pickles::write_checkpoint(path_, under(""), {"model"}, "ema");
	EXPECT_THAT(error(), HasSubstr("it holds 2 networks, under ema., model.: save"));
}

TEST_F(Weights, OfAnotherNetworkAreDescribedByTheirNames)
{
	pickles::write_checkpoint(path_, {{"encoder.weight", at::ones({1})}, {"head.bias", at::ones({1})}});
	EXPECT_THAT(error(), HasSubstr("not the weights of BackgroundMattingV2"));
	EXPECT_THAT(error(), HasSubstr("their names begin with encoder., head."));
}

TEST_F(Weights, NeedNoCounters)
{
	StateDict without = under(""), as_floats = under("");
	for (const auto &[name, tensor] : weights())
		if (name.ends_with("num_batches_tracked")) {
			without.erase(name);
			as_floats[name] = tensor.to(at::kFloat);
		}
	pickles::write_checkpoint(path_, without);
	expect_weights();
	pickles::write_checkpoint(path_, as_floats);
	expect_weights();
}

std::string safetensors(const StateDict &weights)
{
	nlohmann::json header{{"__metadata__", {{"format", "pt"}}}};
	std::string numbers;
	for (const auto &[name, tensor] : weights) {
		const size_t begin = numbers.size();
		numbers.append(static_cast<const char *>(tensor.const_data_ptr()), tensor.nbytes());
		header[name] = {{"dtype", tensor.is_floating_point() ? "F32" : "I64"},
				{"shape", tensor.sizes().vec()},
				{"data_offsets", {begin, numbers.size()}}};
	}
	const std::string text = header.dump();
	return pickles::raw(static_cast<uint64_t>(text.size())) + text + numbers;
}

TEST_F(Weights, AreReadFromSafetensors)
{
	write_bytes(safetensors(under("model.")));
	expect_weights();
	EXPECT_EQ(open_model_file(path_).precision, "fp32");
}

TEST_F(Weights, OfDamagedSafetensorsAreRefused)
{
	const std::string whole = safetensors({{"a", at::ones({4})}, {"b", at::ones({4})}});
	for (size_t length = 16; length < whole.size(); length += 7) {
		write_bytes(whole.substr(0, length));
		EXPECT_THAT(error(), HasSubstr("the file is damaged")) << length;
	}
	const auto with_header = [&](const std::string &header) {
		write_bytes(pickles::raw(static_cast<uint64_t>(header.size())) + header + std::string(32, '\0'));
		return error();
	};
	EXPECT_THAT(with_header(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,64]}})"),
		    HasSubstr("beyond its stored"));
	EXPECT_THAT(with_header(R"({"a":{"dtype":"F32","shape":[9],"data_offsets":[0,16]}})"),
		    HasSubstr("beyond its stored"));
	EXPECT_THAT(with_header(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})"),
		    HasSubstr("impossible size"));
	EXPECT_THAT(with_header(R"({"a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]},)"
				R"("b":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}})"),
		    HasSubstr("repeat what it stores"));
	EXPECT_THAT(with_header(R"({"a":{"dtype":"C64","shape":[4],"data_offsets":[0,32]}})"),
		    HasSubstr("a type that weights"));
	EXPECT_THAT(with_header(R"({"a":7})"), HasSubstr("cannot be understood"));
	EXPECT_THAT(with_header(std::string("{").append(500'000, '[')), HasSubstr("cannot be understood"));
	write_bytes(pickles::raw(uint64_t{1} << 31) + "{");
	EXPECT_THAT(error(), HasSubstr("its header is too long"));
}

TEST_F(Weights, AreWantedWhereThereIsSomethingElse)
{
	const std::vector<std::pair<std::string, std::string>> others{
		{std::string("\x08\x07\x12\x07pytorch\x1a\x05", 13), "it is an ONNX model"},
		{"<!DOCTYPE html>", "it is a web page"},
		{"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
		{std::string("\x1f\x8b\x08\0", 4), "unpack it first"},
		{"notes", "no file of torch.save"},
		{"", "it is empty"}};
	for (const auto &[start, words] : others) {
		write_bytes(start);
		EXPECT_THAT(error(), AllOf(HasSubstr("cannot read " + path_.string()), HasSubstr(words)));
	}
	const pickles::Code network = pickles::call(pickles::global("nets", "Network"), {}) +
				      pickles::dictionary({{"_modules", pickles::empty_dictionary}}) + "b";
	pickles::write_archive(path_, {{"data.pkl", pickles::pickle(network)}});
	EXPECT_THAT(error(), HasSubstr("it is a whole model, which cannot be read without its code"));
	pickles::write_archive(path_, {{"models/model.json", "{}"}});
	EXPECT_THAT(error(), HasSubstr(".pt2"));
	pickles::write_checkpoint(path_, under(""));
	write_bytes(bytes().substr(0, 100'000));
	EXPECT_THAT(error(), HasSubstr("the file is damaged or cut off"));
}

} // namespace
} // namespace matting
