// SPDX-License-Identifier: GPL-2.0-or-later
// Reading weights: real files of torch.save (tests/golden/tiny_*.pth), and what damaged or hostile ones do.
#include "formula.hpp"

#include "inference/model/checkpoint.hpp"
#include "inference/matting.hpp"
#include "inference/model/pickle.hpp"

#include <fstream>
#include <random>

#include <gmock/gmock.h>

namespace matting {
namespace {

using testing::HasSubstr;

const std::filesystem::path golden_folder = TEST_DATA "/golden";

std::string read_bytes(const std::filesystem::path &path)
{
	std::ifstream stream(path, std::ios::binary);
	return {std::istreambuf_iterator<char>(stream), {}};
}

std::filesystem::path write_bytes(const std::string &bytes)
{
	const auto path = std::filesystem::temp_directory_path() / ("checkpoint-" + std::to_string(getpid()) + ".pth");
	std::ofstream(path, std::ios::binary) << bytes;
	return path;
}

std::string error_of(const std::filesystem::path &path)
{
	try {
		read_checkpoint(path);
	} catch (const Error &error) {
		return error.what();
	}
	return "no error";
}

class TinyFile : public testing::TestWithParam<const char *> {
protected:
	Checkpoint checkpoint_ = read_checkpoint(golden_folder / GetParam());
	const at::Tensor &weight(const char *name) { return checkpoint_.weights.at(name); }
};

INSTANTIATE_TEST_SUITE_P(Formats, TinyFile, testing::Values("tiny_zip.pth", "tiny_legacy.pth", "tiny_nested.pth"),
			 [](const auto &info) {
				 const std::string name = info.param;
				 return name.substr(0, name.find('.'));
			 });

TEST_P(TinyFile, HoldsTheFormulasWeights)
{
	EXPECT_FALSE(checkpoint_.is_torchscript);
	EXPECT_EQ(checkpoint_.weights.size(), 8u);
	const StateDict expected = formula_weights(Backbone::mobilenetv2);
	for (const char *name :
	     {"refiner.conv1.weight", "refiner.bn1.weight", "refiner.bn1.num_batches_tracked", "refiner.conv4.bias"}) {
		EXPECT_EQ(weight(name).scalar_type(), expected.at(name).scalar_type()) << name;
		EXPECT_TRUE(at::equal(weight(name), expected.at(name))) << name;
	}
}

TEST_P(TinyFile, KeepsTypesViewsAndSharedStorages)
{
	EXPECT_EQ(weight("half").scalar_type(), at::kHalf);
	EXPECT_TRUE(at::equal(weight("half").to(at::kFloat), weight("refiner.conv4.bias")));
	const at::Tensor storage = at::arange(24, at::kFloat);
	EXPECT_TRUE(at::equal(weight("strided_view"), storage.as_strided({4, 2}, {1, 12}, 1)));
	EXPECT_TRUE(at::equal(weight("shared_a").flatten(), storage.slice(0, 0, 6)));
	EXPECT_TRUE(at::equal(weight("shared_b").flatten(), storage.slice(0, 6, 12)));
}

TEST(Checkpoint, IsRefusedInWordsWhenItIsNone)
{
	EXPECT_THAT(error_of("/nowhere/model.pth"), HasSubstr("cannot read /nowhere/model.pth: there is no such file"));
	EXPECT_THAT(error_of(golden_folder), HasSubstr("it is a folder"));
	EXPECT_THAT(error_of(golden_folder / "README.md"), HasSubstr("no file of torch.save"));
	EXPECT_THAT(error_of(write_bytes("")), HasSubstr("it is empty"));
}

// Every cut and many flipped bytes: an error in words or a result, never a crash or a hang.
class DamagedFile : public testing::TestWithParam<const char *> {};
INSTANTIATE_TEST_SUITE_P(Formats, DamagedFile, testing::Values("tiny_zip.pth", "tiny_legacy.pth"),
			 [](const auto &info) { return std::string(info.param).substr(5, 3); });

TEST_P(DamagedFile, CutShortIsAnError)
{
	const std::string bytes = read_bytes(golden_folder / GetParam());
	for (size_t length = 16; length < bytes.size(); length += 397)
		EXPECT_THAT(error_of(write_bytes(bytes.substr(0, length))), HasSubstr("cannot read")) << length;
}

TEST_P(DamagedFile, WithFlippedBytesNeverCrashes)
{
	const std::string bytes = read_bytes(golden_folder / GetParam());
	std::mt19937 random(1);
	int errors = 0;
	for (int round = 0; round < 300; round++) {
		std::string damaged = bytes;
		for (int flips = 0; flips < 4; flips++)
			damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
		errors += error_of(write_bytes(damaged)) != "no error";
	}
	EXPECT_GT(errors, 10);
}

std::string pickle_error(std::string_view bytes)
{
	try {
		Pickle{bytes};
	} catch (const Error &error) {
		return error.what();
	}
	return "no error";
}

TEST(Pickle, DescribesCallsInsteadOfMakingThem)
{
	// os.system("touch /tmp/owned")
	std::string_view bytes = "\x80\x02"
				 "cos\nsystem\nX\x10\0\0\0touch /tmp/owned\x85R.";
	const std::string with_zeros("\x80\x02"
				     "cos\nsystem\nX\x10\0\0\0touch /tmp/owned\x85R.",
				     2 + 11 + 5 + 16 + 3);
	bytes = with_zeros;
	const Pickle pickle(bytes);
	EXPECT_TRUE(pickle.root().calls("os.system"));
	EXPECT_EQ(pickle.root().items.at(0)->text, "touch /tmp/owned");
	EXPECT_FALSE(std::filesystem::exists("/tmp/owned"));
}

TEST(Pickle, RefusesWhatIsDamaged)
{
	EXPECT_THAT(pickle_error(""), HasSubstr("ends too early"));
	EXPECT_THAT(pickle_error("."), HasSubstr("stack is empty"));
	EXPECT_THAT(pickle_error("h\x07."), HasSubstr("refers to what it does not hold"));
	EXPECT_THAT(pickle_error("t."), HasSubstr("mark is missing"));
	EXPECT_THAT(pickle_error("NNs."), HasSubstr("stack is empty"));
	EXPECT_THAT(pickle_error("\x80\x01N."), HasSubstr("protocol"));
	EXPECT_THAT(pickle_error("\x42"), HasSubstr("opcode 0x42"));
	EXPECT_THAT(pickle_error(std::string_view("X\xff\xff\xff\xff"
						  "abc",
						  8)),
		    HasSubstr("ends too early"));
}

TEST(Pickle, SurvivesDeepNestingAndCycles)
{
	const size_t depth = 1'000'000;
	std::string deep(depth, ']');
	deep += std::string(depth - 1, 'a') + ".";
	EXPECT_EQ(pickle_error(deep), "no error");
	EXPECT_EQ(pickle_error(std::string_view("]q\0h\0a.", 7)), "no error");
}

} // namespace
} // namespace matting
