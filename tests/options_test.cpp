// SPDX-License-Identifier: GPL-2.0-or-later
// One name per option: the table against everything that speaks of options.
#include "inference/network.hpp"
#include "inference/options.hpp"

#include <cmath>
#include <fstream>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace matting {
namespace {

using testing::HasSubstr;

std::string read_text(const char *path)
{
	std::ifstream stream(path);
	EXPECT_TRUE(stream) << path;
	return {std::istreambuf_iterator<char>(stream), {}};
}

std::string number_text(double number)
{
	return fmt::format("{}", number);
}

std::string number_text(int64_t number) // 80 000
{
	std::string text;
	const std::string digits = std::to_string(number);
	for (size_t i = 0; i < digits.size(); i++) {
		if (i > 0 && (digits.size() - i) % 3 == 0)
			text += ' ';
		text += digits[i];
	}
	return text;
}

template<typename Row> std::string default_text(const Row &row)
{
	if constexpr (requires { row.choices; })
		return row.choices[static_cast<size_t>(row.initial)];
	else if constexpr (std::is_same_v<Row, SwitchOption>)
		return row.initial ? "on" : "off";
	else
		return number_text(row.initial);
}

TEST(OptionsTable, IsWhatAFreshOptionsHolds)
{
	const Options options;
	int rows = 0;
	for_each_option([&](const auto &row) {
		rows++;
		EXPECT_EQ(options.*row.field, row.initial) << row.name;
		EXPECT_TRUE(in_range(row, options)) << row.name;
	});
	EXPECT_EQ(rows, 5);
	EXPECT_NO_THROW(require_in_range(options));
}

TEST(OptionsTable, RefusesWhatIsOutOfRange)
{
	const auto refuses = [](auto change) {
		Options options;
		change(options);
		try {
			require_in_range(options);
		} catch (const std::invalid_argument &) {
			return true;
		}
		return false;
	};
	EXPECT_TRUE(refuses([](Options &o) { o.backbone_scale = 0.51; }));
	EXPECT_TRUE(refuses([](Options &o) { o.backbone_scale = std::nan(""); }));
	EXPECT_TRUE(refuses([](Options &o) { o.refine_mode = static_cast<RefineMode>(3); }));
	EXPECT_TRUE(refuses([](Options &o) { o.refine_sample_pixels = -1; }));
	EXPECT_TRUE(refuses([](Options &o) { o.refine_threshold = 1.01; }));
	EXPECT_FALSE(refuses([](Options &o) { o.backbone_scale = 0.0625; }));
}

TEST(OptionsTable, NamesTheAttributesOfTheModule)
{
	const auto module = make_network(Backbone::mobilenetv2);
	for_each_option([&](const auto &row) {
		ASSERT_TRUE(module.hasattr(row.name)) << row.name;
		EXPECT_EQ(module.attr(row.name), attribute_value(row, Options())) << row.name;
	});
}

TEST(OptionsTable, HasItsTextsInTheLocale)
{
	const std::string locale = read_text(PROJECT_ROOT "/data/locale/en-US.ini");
	for_each_option([&](const auto &row) {
		EXPECT_THAT(locale, HasSubstr(fmt::format("\n{}=\"", row.name)));
		EXPECT_THAT(locale, HasSubstr(fmt::format("\n{}.hint=\"", row.name)));
		if constexpr (requires { row.choices; }) {
			for (const char *choice : row.choices) {
				EXPECT_THAT(locale, HasSubstr(fmt::format("\n{}.{}=\"", row.name, choice)));
			}
		}
	});
}

TEST(OptionsTable, IsTheReadmesTable)
{
	const std::string readme = read_text(PROJECT_ROOT "/README.md");
	for_each_option([&](const auto &row) {
		const size_t begin = readme.find(fmt::format("| `{}` |", row.name));
		ASSERT_NE(begin, std::string::npos) << row.name;
		const std::string line = readme.substr(begin, readme.find('\n', begin) - begin);
		EXPECT_THAT(line, HasSubstr(fmt::format("| {} |", default_text(row))));
		if constexpr (requires { row.minimum; }) {
			const auto range = number_text(row.minimum) + " to " + number_text(row.maximum);
			EXPECT_THAT(line, HasSubstr("| " + range + " |"));
		}
	});
}

} // namespace
} // namespace matting
