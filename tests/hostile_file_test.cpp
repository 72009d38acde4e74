// SPDX-License-Identifier: GPL-2.0-or-later
// Files of weights put together by hand: what torch.save writes only rarely, and what it never would.
#include "pickles.hpp"

#include "inference/model/checkpoint.hpp"
#include "inference/matting.hpp"
#include "inference/model/model_file.hpp"

#include <cmath>
#include <fstream>

#include <gmock/gmock.h>

namespace matting {
namespace {

using testing::HasSubstr;

using namespace pickles;

constexpr int64_t stored = 24; // numbers in the storage that every file here has

std::vector<Code> arguments_of(int64_t offset, const std::vector<int64_t> &sizes, const std::vector<int64_t> &strides,
			       const Code &view = "")
{
	return tensor_arguments("FloatStorage", "0", stored, offset, sizes, strides, view);
}

Code tensor(int64_t offset, const std::vector<int64_t> &sizes, const std::vector<int64_t> &strides,
	    const Code &view = "")
{
	return call(rebuild_tensor, arguments_of(offset, sizes, strides, view));
}

std::string storage_bytes()
{
	std::string bytes;
	for (int i = 0; i < stored; i++)
		bytes += raw(static_cast<float>(i));
	return bytes;
}

class HandmadeFile : public testing::Test {
protected:
	~HandmadeFile() override { std::filesystem::remove(path_); }

	void write_zip(const Code &value, bool is_torchscript = false) const
	{
		std::vector<Record> records{{"data.pkl", pickle(value)},
					    {"data/0", storage_bytes()},
					    {"data/bomb", std::string(10 << 20, '\0'), /*is_compressed=*/true}};
		if (is_torchscript)
			records.push_back({"constants.pkl", pickle(")")});
		write_archive(path_, records);
	}

	void write_legacy(const std::string &value) const
	{
		std::ofstream(path_, std::ios::binary)
			<< pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") << pickle(integer(1001))
			<< pickle(empty_dictionary) << pickle(value) << pickle("](" + text("0") + "e") << raw(stored)
			<< storage_bytes();
	}

	at::Tensor read(const char *name = "w") const { return read_checkpoint(path_).weights.at(name); }

	std::string error() const
	{
		try {
			read_checkpoint(path_);
		} catch (const Error &error) {
			return error.what();
		}
		return "no error";
	}

	std::string error_of(const std::string &value) const
	{
		write_zip(value);
		return error();
	}

	std::filesystem::path path_ =
		std::filesystem::temp_directory_path() / ("handmade-" + std::to_string(getpid()) + ".pth");
	const at::Tensor storage_ = at::arange(stored, at::kFloat);
};

TEST_F(HandmadeFile, CanHoldParametersAndTensorsWithAttributes)
{
	const std::string plain = tensor(2, {3}, {1});
	const std::string attributes = dictionary({{"note", text("a")}});
	const std::vector<std::string> values{
		plain, call(global("torch._utils", "_rebuild_parameter"), {plain, no, empty_dictionary}),
		call(global("torch._utils", "_rebuild_parameter_with_state"),
		     {plain, no, empty_dictionary, attributes}),
		call(global("torch._tensor", "_rebuild_from_type_v2"),
		     {rebuild_tensor, global("torch", "Tensor"), tuple(arguments_of(2, {3}, {1})), attributes})};
	for (const std::string &value : values) {
		write_zip(dictionary({{"w", value}}));
		EXPECT_TRUE(at::equal(read(), storage_.slice(0, 2, 5))) << value;
		write_legacy(dictionary({{"w", value}}));
		EXPECT_TRUE(at::equal(read(), storage_.slice(0, 2, 5))) << value;
	}
}

TEST_F(HandmadeFile, CanHoldStoragesThatArePartsOfOthers)
{
	// From the sixth number on there are twelve, and of these the tensor has those from the second on.
	write_legacy(dictionary({{"w", tensor(2, {3}, {1}, tuple({text("1"), integer(6), integer(12)}))}}));
	EXPECT_TRUE(at::equal(read(), storage_.slice(0, 8, 11)));
	write_legacy(dictionary({{"w", tensor(0, {13}, {1}, tuple({text("1"), integer(6), integer(12)}))}}));
	EXPECT_THAT(error(), HasSubstr("reaches beyond its 12 stored numbers"));
	write_legacy(dictionary({{"w", tensor(0, {1}, {1}, tuple({text("1"), integer(20), integer(5)}))}}));
	EXPECT_THAT(error(), HasSubstr("storage 0 holds 24 numbers"));
}

TEST_F(HandmadeFile, CannotReachBeyondItsStorage)
{
	constexpr int64_t huge = std::numeric_limits<int64_t>::max();
	const std::vector<std::string> tensors{tensor(0, {25}, {1}),   tensor(24, {1}, {1}),
					       tensor(-1, {1}, {1}),   tensor(0, {-1}, {1}),
					       tensor(0, {5}, {-1}),   tensor(0, {2}, {huge}),
					       tensor(huge, {2}, {1}), tensor(0, {4, 4}, {8, 1}),
					       tensor(0, {2, 2}, {1}), tensor(0, {huge, huge}, {huge, huge})};
	for (const std::string &tensor : tensors)
		EXPECT_THAT(error_of(dictionary({{"w", tensor}})), HasSubstr("reaches beyond its 24 stored numbers"));
}

TEST_F(HandmadeFile, CannotGrowInMemory)
{
	EXPECT_THAT(error_of(dictionary({{"w", tensor(0, {int64_t{1} << 36}, {0})}})),
		    HasSubstr("repeat what it stores too often"));
	EXPECT_THAT(error_of(dictionary({{"w", tensor(0, {int64_t{1} << 40, int64_t{1} << 40}, {0, 0})}})),
		    HasSubstr("impossible size"));
	std::vector<std::pair<std::string, std::string>> many;
	for (int i = 0; i < 1000; i++)
		many.emplace_back(std::to_string(i), tensor(0, {1000}, {0}));
	EXPECT_THAT(error_of(dictionary(many)), HasSubstr("repeat what it stores too often"));

	const auto bomb = tensor_arguments("FloatStorage", "bomb", 10 << 18, 0, {1}, {1});
	EXPECT_THAT(error_of(dictionary({{"w", call(rebuild_tensor, bomb)}})),
		    HasSubstr("data/bomb has 10485760 bytes"));
}

// LibTorch reads it as soon as it opens the archive.
TEST_F(HandmadeFile, CannotHaveAVersionThatFillsTheMemory)
{
	const std::string weights = pickle(dictionary({{"w", tensor(0, {1}, {1})}}));
	for (const char *name : {".data/version", ".DATA/Version"}) {
		write_archive(path_, {{"data.pkl", weights},
				      {"data/0", storage_bytes()},
				      {name, std::string(10 << 20, '3'), /*is_compressed=*/true}});
		EXPECT_THAT(error(), HasSubstr("claims more than a few words")) << name;
	}
	write_zip(dictionary({{"w", tensor(0, {24}, {1})}}));
	for (const uintmax_t cut : {10, 60, 200}) {
		std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - cut);
		EXPECT_THAT(error(), HasSubstr("cannot read")) << cut;
	}
}

TEST_F(HandmadeFile, RunsNothing)
{
	const auto trace = path_.string() + ".trace";
	const std::string command = call(global("os", "system"), {text("touch " + trace)});
	EXPECT_THAT(error_of(command), HasSubstr("no dictionary of weights"));
	write_zip(dictionary({{"hook", command}, {"w", tensor(0, {24}, {1})}}));
	EXPECT_TRUE(at::equal(read(), storage_));
	EXPECT_FALSE(std::filesystem::exists(trace));
}

TEST_F(HandmadeFile, CannotNestModulesWithoutEnd)
{
	// A module whose member is itself.
	const std::string module = global("__torch__", "M") + ")\x81q\x01" + "}(" + text("member") + "h\x01" +
				   text("w") + tensor(0, {1}, {1}) + "ub";
	write_zip(module, /*is_torchscript=*/true);
	EXPECT_THAT(error(), HasSubstr("nested without end"));
}

// A few megabytes of file that would be gigabytes of names.
TEST_F(HandmadeFile, CannotFillTheMemoryWithNames)
{
	const std::string longest = text(std::string(8 << 20, 'a')) + "q\x01";
	std::string members = longest + global("__torch__", "Sub") + ")R" + "q\x02";
	for (int i = 0; i < 1000; i++)
		members += "h\x01h\x02";
	write_zip(global("__torch__", "Net") + ")R}(" + members + "ub", /*is_torchscript=*/true);
	EXPECT_THAT(error(), HasSubstr("nested without end"));

	// Each name short enough, and the same deep way to a thousand thousand of them.
	std::string module = global("__torch__", "Leaf") + ")R}(";
	for (int i = 0; i < 100'000; i++)
		module += text(std::string("m").append(std::to_string(i))) + global("__torch__", "L") + ")R";
	module += "ub";
	for (int depth = 0; depth < 9; depth++)
		module = global("__torch__", "Net") + ")R}(" + text(std::string(100, 'd')) + module + "ub";
	write_zip(module, /*is_torchscript=*/true);
	EXPECT_THAT(error(), HasSubstr("nested without end"));
}

TEST_F(HandmadeFile, CannotKeepTheReaderBusyWithShapes)
{
	const std::string shape = std::string("(").append(100'000, 'N') + "tq\x01";
	write_zip(shape + "0" +
		  dictionary({{"w", call(rebuild_tensor, {tensor_arguments("FloatStorage", "0", stored, 0, {1}, {1})[0],
							  integer(0), "h\x01", "h\x01", no, empty_dictionary})}}));
	EXPECT_THAT(error(), HasSubstr("100000 dimensions"));
}

TEST_F(HandmadeFile, CannotHoldAStorageTwice)
{
	std::ofstream(path_, std::ios::binary)
		<< pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") << pickle(integer(1001))
		<< pickle(empty_dictionary) << pickle(dictionary({{"w", tensor(0, {1}, {1})}}))
		<< pickle("](" + text("0") + text("0") + "e") << raw(stored) << storage_bytes() << raw(stored)
		<< storage_bytes();
	EXPECT_THAT(error(), HasSubstr("comes twice"));
}

// They would matte to nothing, without a word.
TEST_F(HandmadeFile, CannotHoldNumbersThatAreNotFinite)
{
	for (const double number : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
		torch::jit::Module network = make_network(Backbone::mobilenetv2);
		const torch::NoGradGuard no_grad;
		at::Tensor weight = state_dict(network).at("decoder.conv2.weight");
		weight.view(-1)[7] = number;
		save_network(network, path_);
		try {
			open_model_file(path_);
			ADD_FAILURE() << number << " is accepted";
		} catch (const Error &error) {
			EXPECT_THAT(error.what(), HasSubstr("decoder.conv2.weight has numbers that are not finite"));
		}
	}
}

TEST_F(HandmadeFile, IsNotRoundedToHalfPrecisionThatCannotHoldIt)
{
	torch::jit::Module network = make_network(Backbone::mobilenetv2);
	const torch::NoGradGuard no_grad;
	state_dict(network).at("decoder.bn1.running_var")[3] = 70'000.0;
	try {
		convert_to_half(network);
		ADD_FAILURE() << "it was rounded to infinity";
	} catch (const Error &error) {
		EXPECT_THAT(error.what(),
			    HasSubstr("decoder.bn1.running_var has numbers that half precision cannot hold"));
	}
}

TEST_F(HandmadeFile, CannotBringAttributesOutOfTheirRange)
{
	torch::jit::Module network = make_network(Backbone::mobilenetv2);
	network.setattr("refine_threshold", std::nan(""));
	network.setattr("backbone_scale", 1e300);
	network.setattr("refine_sample_pixels", int64_t{-1} << 62);
	save_network(network, path_);
	EXPECT_EQ(read_checkpoint(path_).attributes, Options());
}

} // namespace
} // namespace matting
