// SPDX-License-Identifier: GPL-2.0-or-later
// THE TABLE: every option once. The name in a row is the struct field, the OBS setting, the locale key (`name`,
// `name.hint`), the command-line flag (with dashes) and the attribute of the TorchScript module.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>

namespace matting {

/// Which patches of the coarse result the refiner computes again at full resolution (paper, section 4.2).
enum class RefineMode : int32_t { sampling, thresholding, full };

/// How good a matte is to be, for how much time: all but custom give the attributes their values. See `with_quality`.
enum class Quality : int32_t { automatic, fast, balanced, fine, custom };

/// What colour the matte has: the one that the network predicts, without what shines through from the room, or the camera's.
enum class EdgeColour : int32_t { predicted, camera };

/// What a matte is written as. `result` is the matte; the others show how it came about and are opaque: `alpha` and `error`
/// (where the network doubts itself) as grey, `foreground` as the predicted colour, `refined` white where the refiner worked.
enum class View : int32_t { result, alpha, foreground, error, refined };
inline constexpr std::array view_names{"result", "alpha", "foreground", "error", "refined"};

/// The quality; the tunable attributes of BackgroundMattingV2, which it sets; and the finishing of the edge, see finishing.hpp. A
/// fresh one holds the defaults of the table below.
/// Thread-safety: a plain value. Trivially copyable: it travels between plugin and engine as it is.
struct Options {
	Quality quality;
	double backbone_scale;
	RefineMode refine_mode;
	int64_t refine_sample_pixels;
	double refine_threshold;
	bool refine_prevent_oversampling;
	double edge_detail;   // share of what the plate tells
	double edge_shift;    // pixels outwards
	double edge_softness; // pixels
	double black_point, white_point;
	EdgeColour edge_colour;

	constexpr Options();
	friend bool operator==(const Options &, const Options &) = default;
};

/// A row for a number: `Value` is double or int64_t, both ends of the range are allowed values.
template<typename Value> struct NumberOption {
	const char *name;
	Value Options::*field;
	Value initial;
	Value minimum;
	Value maximum;
	Value step; ///< of the slider in the filter dialog
	bool attribute;
};

/// A row for one of several words; the enumerator's value is the word's index.
template<typename Enum, size_t count> struct ChoiceOption {
	const char *name;
	Enum Options::*field;
	Enum initial;
	std::array<const char *, count> choices;
	bool attribute;
};

/// A row for yes or no.
struct SwitchOption {
	const char *name;
	bool Options::*field;
	bool initial;
	bool attribute;
};

inline constexpr auto option_table = std::tuple{
	ChoiceOption<Quality, 5>{"quality",
				 &Options::quality,
				 Quality::automatic,
				 {"automatic", "fast", "balanced", "fine", "custom"},
				 /*attribute=*/false},
	NumberOption<double>{"backbone_scale", &Options::backbone_scale, 0.25, 0.0625, 0.5, 0.0025, /*attribute=*/true},
	ChoiceOption<RefineMode, 3>{"refine_mode",
				    &Options::refine_mode,
				    RefineMode::sampling,
				    {"sampling", "thresholding", "full"},
				    /*attribute=*/true},
	NumberOption<int64_t>{"refine_sample_pixels", &Options::refine_sample_pixels, 80'000, 0, 2'000'000, 1'000,
			      /*attribute=*/true},
	NumberOption<double>{"refine_threshold", &Options::refine_threshold, 0.1, 0.0, 1.0, 0.01, /*attribute=*/true},
	SwitchOption{"refine_prevent_oversampling", &Options::refine_prevent_oversampling, true, /*attribute=*/true},
	NumberOption<double>{"edge_detail", &Options::edge_detail, 1.0, 0.0, 1.0, 0.05, /*attribute=*/false},
	NumberOption<double>{"edge_shift", &Options::edge_shift, 0.0, -10.0, 10.0, 0.5, /*attribute=*/false},
	NumberOption<double>{"edge_softness", &Options::edge_softness, 0.0, 0.0, 10.0, 0.5, /*attribute=*/false},
	NumberOption<double>{"black_point", &Options::black_point, 0.0, 0.0, 1.0, 0.01, /*attribute=*/false},
	NumberOption<double>{"white_point", &Options::white_point, 1.0, 0.0, 1.0, 0.01, /*attribute=*/false},
	ChoiceOption<EdgeColour, 2>{"edge_colour",
				    &Options::edge_colour,
				    EdgeColour::predicted,
				    {"predicted", "camera"},
				    /*attribute=*/false},
};

/// Calls `visit(row)` for every row of the table, in order. Tell the rows apart by overloads.
template<typename Visitor> constexpr void for_each_option(Visitor &&visit)
{
	std::apply([&](const auto &...row) { (visit(row), ...); }, option_table);
}

constexpr Options::Options()
	: quality{}, backbone_scale{}, refine_mode{}, refine_sample_pixels{}, refine_threshold{},
	  refine_prevent_oversampling{}, edge_detail{}, edge_shift{}, edge_softness{}, black_point{}, white_point{},
	  edge_colour{}
{
	for_each_option([this](const auto &row) { this->*row.field = row.initial; });
}

/// Whether the value of one row lies in its range. NaN does not.
template<typename Value> constexpr bool in_range(const NumberOption<Value> &row, const Options &options)
{
	return options.*row.field >= row.minimum && options.*row.field <= row.maximum;
}
template<typename Enum, size_t count>
constexpr bool in_range(const ChoiceOption<Enum, count> &row, const Options &options)
{
	const auto index = static_cast<int64_t>(options.*row.field);
	return index >= 0 && index < static_cast<int64_t>(count);
}
constexpr bool in_range(const SwitchOption &, const Options &)
{
	return true;
}

/// Throws std::invalid_argument naming the first option that is out of its range.
inline void require_in_range(const Options &options)
{
	for_each_option([&](const auto &row) {
		if (!in_range(row, options))
			throw std::invalid_argument(std::string(row.name) + " is out of its range");
	});
}

/// Whether a model does the same with both.
constexpr bool same_attributes(const Options &one, const Options &other)
{
	bool same = true;
	for_each_option(
		[&](const auto &row) { same = same && (!row.attribute || one.*row.field == other.*row.field); });
	return same;
}

/// Whether the edge stays as it was found, by the network and by `edge_detail`: see finishing.hpp.
constexpr bool is_neutral(const Options &options)
{
	const Options initial;
	return options.edge_shift == initial.edge_shift && options.edge_softness == initial.edge_softness &&
	       options.black_point == initial.black_point && options.white_point == initial.white_point &&
	       options.edge_colour == initial.edge_colour;
}

/// By how many levels `automatic` may be finer (below 0) or coarser than it begins with.
struct Steps {
	int finest, coarsest;
};
Steps steps_of_automatic(bool is_on_card);

/// The same options as custom ones: with the attributes that their quality means for pictures of this size, on a card or a CPU;
/// custom ones as they are. `step` is of `automatic`: see above.
Options with_quality(const Options &options, int width, int height, bool is_on_card, int step = 0);

} // namespace matting
