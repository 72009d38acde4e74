// SPDX-License-Identifier: GPL-2.0-or-later
// What is said to users, in English and in other languages.
#include "inference/error.hpp"

#include <gmock/gmock.h>

namespace matting {
namespace {

std::string in_dutch(const std::string &words)
{
	return Sentences::said(words, [](const std::string &key, const std::string &english) -> std::string {
		return key == "read"   ? "{} is niet te lezen: {}"
		       : key == "png"  ? "de PNG is beschadigd ({})"
		       : key == "less" ? "te weinig"
		       : key == "more" ? "{} {} {} {"
				       : english;
	});
}

TEST(Sentences, AreSaidInEnglishAndInOtherLanguages)
{
	const Error png("png", "the PNG is damaged ({})", 77);
	const Error error("read", "cannot read {}: {}", "/a/{}.png", png);
	EXPECT_STREQ(error.what(), "cannot read /a/{}.png: the PNG is damaged (77)");
	EXPECT_EQ(in_dutch(error.words()), "/a/{}.png is niet te lezen: de PNG is beschadigd (77)");
	EXPECT_EQ(in_dutch("Since " + png.words() + "."), "Since de PNG is beschadigd (77).");
	EXPECT_EQ(in_dutch(Error("other", "nobody knows {}", "it").words()), "nobody knows it");
}

TEST(Sentences, AreKeptByErrorsThatAreThrownAgain)
{
	const Error first("png", "the PNG is damaged ({})", "x");
	EXPECT_EQ(in_dutch(Error(first.words()).words()), "de PNG is beschadigd (x)");
	EXPECT_EQ(words_of(std::runtime_error("plain")), "plain");
	const std::exception &thrown = first;
	EXPECT_EQ(words_of(thrown), first.words());
}

TEST(Sentences, WithPlacesThatAreWrongAreSaidAllTheSame)
{
	EXPECT_EQ(in_dutch(Error("less", "{} and {}", 1, 2).words()), "te weinig");
	EXPECT_EQ(in_dutch(Error("more", "{}", 1).words()), "1   {");
}

// They come from a process that reads files from anywhere.
TEST(Sentences, FromAnywhereAreSaidWithoutHarm)
{
	EXPECT_EQ(in_english("\x02png\x1f{} is cut"), " is cut");
	EXPECT_EQ(in_english("\x02"), "");
	EXPECT_EQ(in_english("\x02just a key\x03 and more"), "just a key and more");
	EXPECT_EQ(in_english("\x03\x1fstray\x1f\x03"), "stray");
	std::string deep;
	for (int i = 0; i < 1000; i++)
		deep += "\x02k\x1f{}\x1f";
	EXPECT_LT(in_english(deep + "end").size(), deep.size());
}

} // namespace
} // namespace matting
