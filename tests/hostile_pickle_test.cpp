// SPDX-License-Identifier: GPL-2.0-or-later
// Pickles put together by hand that want more of the reader than their bytes are worth.
#include "pickles.hpp"

#include "inference/matting.hpp"
#include "inference/model/pickle.hpp"

#include <gmock/gmock.h>

namespace matting {
namespace {

using testing::HasSubstr;

using namespace pickles;

std::string pickle_error(const std::string &bytes)
{
	try {
		std::string_view view = bytes;
		Pickle{view};
	} catch (const Error &error) {
		return error.what();
	}
	return "no error";
}

std::string repeated(const std::string &bytes, size_t count)
{
	std::string all;
	for (size_t i = 0; i < count; i++)
		all += bytes;
	return all;
}

TEST(HandmadePickle, CannotFillTheMemory)
{
	EXPECT_THAT(pickle_error(std::string(2 << 20, 'N')), HasSubstr("too many values"));
	// Calls that share sixty arguments, and globals made of two long names.
	const std::string sixty = std::string("(").append(60, 'N') + "tq\x01" + global("m", "f") + "q\x02";
	EXPECT_THAT(pickle_error(sixty + repeated("h\x02h\x01R", 200'000)), HasSubstr("describes too much"));
	const std::string names = text(std::string(900, 'x')) + "q\x01";
	EXPECT_THAT(pickle_error(names + repeated("h\x01h\x01\x93", 100'000)), HasSubstr("describes too much"));
	EXPECT_THAT(pickle_error(std::string(2 << 20, '(')), HasSubstr("too many values"));
	EXPECT_THAT(pickle_error(text(std::string(20 << 20, 'x')) + "."), HasSubstr("describes too much"));
	// Calls that share one long list of arguments, and names out of one long text.
	const std::string arguments = std::string("(").append(100'000, 'N') + "tq\x01";
	EXPECT_THAT(pickle_error(arguments + repeated(global("m", "f") + "h\x01R", 10'000)), HasSubstr("too many"));
	const std::string name = text(std::string(1 << 20, 'x')) + "q\x01";
	EXPECT_THAT(pickle_error(name + repeated("h\x01h\x01\x93", 10'000)), HasSubstr("name is too long"));
}

} // namespace
} // namespace matting
