// SPDX-License-Identifier: GPL-2.0-or-later
// One name per option: the table against everything that speaks of options.
#include "inference/model/network.hpp"
#include "inference/options.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

namespace matting {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::vector<std::string> lines_of(const std::string &text)
{
	std::vector<std::string> lines;
	std::istringstream stream(text);
	for (std::string line; std::getline(stream, line);)
		lines.push_back(line);
	return lines;
}

// What a command prints; the test fails if it exits with another status than 0.
std::string output_of(const std::string &command)
{
	std::string output;
	FILE *pipe = popen(command.c_str(), "r");
	for (int character; pipe && (character = std::fgetc(pipe)) != EOF;)
		output += static_cast<char>(character);
	EXPECT_EQ(pipe ? pclose(pipe) : -1, 0) << command;
	return output;
}

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
	EXPECT_EQ(rows, 12);
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

TEST(Quality, GivesTheAttributesBySizeAndDevice)
{
	const auto resolved = [](Quality quality, int width, int height, bool is_on_card, int step = 0) {
		Options options;
		options.quality = quality;
		options.refine_mode = RefineMode::full;
		options.edge_shift = 2;
		return with_quality(options, width, height, is_on_card, step);
	};
	const Options hd = resolved(Quality::automatic, 1920, 1080, false);
	EXPECT_DOUBLE_EQ(hd.backbone_scale * 1920, 480);
	EXPECT_EQ(hd.refine_mode, RefineMode::sampling);
	EXPECT_EQ(hd.edge_shift, 2) << "the finishing is the user's";
	EXPECT_DOUBLE_EQ(resolved(Quality::automatic, 1920, 1080, true).backbone_scale * 1920, 640);
	EXPECT_DOUBLE_EQ(resolved(Quality::automatic, 1080, 1920, false).backbone_scale * 1920, 480);
	for (const bool is_on_card : {false, true})
		for (const auto &[width, height] :
		     {std::pair{16, 16}, {320, 180}, {1280, 720}, {3840, 2160}, {6000, 4000}}) {
			double scale = 0;
			for (const Quality quality : {Quality::fast, Quality::balanced, Quality::fine}) {
				const Options options = resolved(quality, width, height, is_on_card);
				EXPECT_NO_THROW(require_in_range(options)) << width;
				const double share =
					static_cast<double>(options.refine_sample_pixels) / (width * height);
				EXPECT_THAT(share, testing::AllOf(testing::Ge(0.04), testing::Le(0.2))) << width;
				EXPECT_GE(options.backbone_scale, scale) << width;
				scale = options.backbone_scale;
				EXPECT_EQ(with_quality(options, width, height, !is_on_card), options)
					<< "it is custom now";
			}
		}
	for (const bool is_on_card : {false, true}) {
		const auto [finest, coarsest] = steps_of_automatic(is_on_card);
		for (int step = finest; step < coarsest; step++) { // each does something
			EXPECT_GT(resolved(Quality::automatic, 3840, 2160, is_on_card, step).backbone_scale,
				  resolved(Quality::automatic, 3840, 2160, is_on_card, step + 1).backbone_scale);
			EXPECT_EQ(resolved(Quality::fast, 3840, 2160, is_on_card, step),
				  resolved(Quality::fast, 3840, 2160, is_on_card));
		}
		EXPECT_DOUBLE_EQ(resolved(Quality::automatic, 3840, 2160, is_on_card, finest).backbone_scale * 3840,
				 640);
		EXPECT_DOUBLE_EQ(resolved(Quality::automatic, 3840, 2160, is_on_card, coarsest).backbone_scale * 3840,
				 256);
	}
	const Options custom = resolved(Quality::custom, 1920, 1080, false);
	EXPECT_EQ(custom.refine_mode, RefineMode::full);
	EXPECT_EQ(custom.backbone_scale, Options().backbone_scale);
}

TEST(OptionsTable, NamesTheAttributesOfTheModule)
{
	const auto module = make_network(Backbone::mobilenetv2);
	for_each_option([&](const auto &row) {
		ASSERT_EQ(module.hasattr(row.name), row.attribute) << row.name;
		if (row.attribute) {
			EXPECT_EQ(module.attr(row.name), attribute_value(row, Options())) << row.name;
		}
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

TEST(OptionsTable, HasItsFlagsOnTheCommandLine)
{
	const auto help = lines_of(output_of("'" MATTING_PROGRAM "' matte --help"));
	for_each_option([&](const auto &row) {
		std::string flag = fmt::format("  --{} ", row.name);
		std::replace(flag.begin(), flag.end(), '_', '-');
		const auto found = std::find_if(help.begin(), help.end(),
						[&](const std::string &line) { return line.starts_with(flag); });
		ASSERT_NE(found, help.end()) << flag;
		if constexpr (requires { row.minimum; }) {
			EXPECT_THAT(*found, HasSubstr(fmt::format("{} to {} (default: {})", row.minimum, row.maximum,
								  row.initial)));
		} else if constexpr (requires { row.choices; }) {
			EXPECT_THAT(*found, HasSubstr(fmt::format("{} (default: {})", fmt::join(row.choices, ", "),
								  default_text(row))));
		} else {
			EXPECT_THAT(*found, HasSubstr(fmt::format("true, false (default: {})", row.initial)));
		}
	});
}

// The cells of the README's settings table, by the name in the first: | `name` | range | default | what it does |
std::vector<std::vector<std::string>> readme_rows()
{
	const auto lines = lines_of(read_text(PROJECT_ROOT "/README.md"));
	auto line = std::find(lines.begin(), lines.end(), "| setting | values | default | what it does |");
	EXPECT_NE(line, lines.end()) << "the README has no settings table";
	std::vector<std::vector<std::string>> rows;
	for (; line != lines.end() && line->starts_with("| "); ++line) {
		std::vector<std::string> cells;
		for (size_t begin = 2, end; (end = line->find(" |", begin)) != std::string::npos; begin = end + 3)
			cells.push_back(line->substr(begin, end - begin));
		rows.push_back(cells);
	}
	return rows;
}

TEST(OptionsTable, IsTheReadmesTable)
{
	const auto rows = readme_rows();
	std::set<std::string> names{"setting", "---"};
	for (const char *setting : {"background", "behind", "not_ready", "keep_running", "model", "device", "threads",
				    "executor", "view"}) // settings of the filter that are no options
		names.insert(fmt::format("`{}`", setting));
	for_each_option([&](const auto &row) {
		const std::string name = fmt::format("`{}`", row.name);
		names.insert(name);
		std::string values = "on or off";
		if constexpr (requires { row.minimum; })
			values = number_text(row.minimum) + " to " + number_text(row.maximum);
		else if constexpr (requires { row.choices; })
			values = fmt::format("{}", fmt::join(row.choices, ", "));
		EXPECT_THAT(rows, Contains(testing::ElementsAre(name, values, default_text(row), testing::Ne(""))));
	});
	for (const auto &row : rows)
		EXPECT_THAT(names, Contains(row.at(0))) << "the README has a setting that the table does not know";
}

} // namespace
} // namespace matting
