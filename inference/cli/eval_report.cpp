// SPDX-License-Identifier: GPL-2.0-or-later
#include "eval_report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace matting {
namespace {

using Json = nlohmann::ordered_json;
using namespace training;

struct PlaceText {
	const char *key, *heading, *title, *help;
};

// In the order of Place.
constexpr PlaceText places[]{
	{"", "everywhere", "everywhere", ""},
	{"foreground", "solid", "solid foreground", "true alpha 0.98 or more, and not at an edge"},
	{"background", "clear", "clear background", "true alpha 0.02 or less, and not at an edge"},
	{"edge", "at edges", "edge", "where the true alpha varies by more than 2 % within 10 pixels"},
};

struct KindText {
	const char *key, *heading, *title;
	int digits;
	const char *help;
};

// In the order of Kind.
constexpr KindText kinds[]{
	{"mad", "MAD", "MAD, x 1000", 2, "mean absolute difference of alpha (0 to 1), times 1000"},
	{"mse", "MSE", "MSE, x 1000", 2, "mean squared difference of alpha, times 1000"},
	{"gradient", "gradient", "gradient, / 1000", 2,
	 "sum of the squared differences of the gradients' magnitudes, over 1000"},
	{"boundary_f", "boundary", "boundary F", 3,
	 "F-measure of the contour (alpha 0.5), within 0.8 % of the diagonal; 1 is best"},
	{"self_composite", "composite", "self-composite, x 1000", 2,
	 "the matte over its own background against the source, as MAD of colours"},
	{"flicker", "flicker", "flicker, x 1000", 2,
	 "of a still scene: mean standard deviation of alpha over time, times 1000"},
	{"dtssd", "dtSSD", "dtSSD, x 100", 2,
	 "of a moving one: root mean squared error of alpha's change per frame, times 100"},
};

const PlaceText &text(Place place)
{
	return places[static_cast<size_t>(place)];
}

const KindText &text(Kind kind)
{
	return kinds[static_cast<size_t>(kind)];
}

std::string number(const AlphaError &error, const Measure &measure, const char *unknown)
{
	const double value = error.*measure.value;
	return std::isnan(value) ? unknown : fmt::format("{:.{}f}", value, text(measure.kind).digits);
}

AlphaError mean_of(const std::vector<Evaluated> &results)
{
	std::vector<AlphaError> errors;
	for (const Evaluated &result : results)
		errors.push_back(result.error);
	return mean(errors);
}

Json as_json(const AlphaError &error)
{
	Json result;
	for (const Measure &measure : measures()) {
		const std::string place = text(measure.place).key;
		(place.empty() ? result : result[place])[text(measure.kind).key] = error.*measure.value;
	}
	return result;
}

struct Column {
	Measure measure;
	std::string heading;
	size_t width, gap; ///< `gap`: before it
};

// Of what is known of any picture.
std::vector<Column> columns(const AlphaError &mean)
{
	constexpr size_t narrowest = 7;
	std::vector<Column> result;
	for (const Measure &measure : measures()) {
		if (std::isnan(mean.*measure.value))
			continue;
		const std::string heading = text(measure.kind).heading;
		const bool begins_place = !result.empty() && result.back().measure.place != measure.place;
		result.push_back({measure, heading, std::max(narrowest, heading.size() + 1), begins_place ? 2U : 0U});
	}
	return result;
}

std::string line_of(const std::vector<Column> &columns, const AlphaError &error)
{
	std::string line;
	for (const Column &column : columns)
		line += fmt::format("{:{}}{:>{}}", "", column.gap, number(error, column.measure, "-"), column.width);
	return line;
}

std::string headings_of(const std::vector<Column> &columns)
{
	std::string above, line;
	for (const Column &column : columns) {
		if (line.empty() || column.gap > 0)
			above += fmt::format("{:{}}{}", "", line.size() + column.gap + 1 - above.size(),
					     text(column.measure.place).heading);
		line += fmt::format("{:{}}{:>{}}", "", column.gap, column.heading, column.width);
	}
	return above + "\n" + line;
}

} // namespace

void print_table(const std::vector<Evaluated> &results)
{
	const AlphaError mean = mean_of(results);
	const std::vector<Column> shown = columns(mean);
	fmt::print("{}\n", headings_of(shown));
	for (const Evaluated &result : results)
		fmt::print("{}  {}\n", line_of(shown, result.error), result.name);
	fmt::print("{}  mean\n", line_of(shown, mean));
}

void print_markdown(const std::vector<Evaluated> &results)
{
	const AlphaError mean = mean_of(results);
	fmt::print("| mean of {} |", results.size());
	for (const PlaceText &place : places)
		fmt::print(" {} |", place.title);
	fmt::print("\n| --- | --- | --- | --- | --- |\n");
	for (size_t kind = 0; kind < std::size(kinds); kind++) {
		std::string cells[std::size(places)], row;
		for (const Measure &measure : measures())
			if (static_cast<size_t>(measure.kind) == kind)
				cells[static_cast<size_t>(measure.place)] = number(mean, measure, "-");
		bool is_known = false;
		for (const std::string &cell : cells) {
			row += fmt::format(" {} |", cell);
			is_known = is_known || (!cell.empty() && cell != "-");
		}
		if (is_known)
			fmt::print("| {} |{}\n", kinds[kind].title, row);
	}
}

void print_json(const std::string &model, const std::vector<Evaluated> &results, const std::string &failure)
{
	Json pictures = Json::array();
	for (const Evaluated &result : results) {
		Json picture{{"source", result.name}};
		picture.update(as_json(result.error));
		pictures.push_back(std::move(picture));
	}
	Json report{{"model", model}, {"pictures", std::move(pictures)}, {"mean", as_json(mean_of(results))}};
	if (!failure.empty())
		report["error"] = failure;
	fmt::print("{}\n", report.dump(2, ' ', false, Json::error_handler_t::replace)); // names of any bytes
}

std::string measures_text()
{
	std::string lines;
	for (const KindText &kind : kinds)
		lines += fmt::format("  {:<11}{}\n", kind.heading, kind.help);
	for (const PlaceText &place : places)
		if (*place.help)
			lines += fmt::format("  {:<11}{}\n", place.heading, place.help);
	return lines;
}

} // namespace matting
