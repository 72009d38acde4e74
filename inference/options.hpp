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

/// The tunable attributes of BackgroundMattingV2. A fresh one holds the defaults of the table below.
/// Thread-safety: a plain value. Trivially copyable: it travels between plugin and engine as it is.
struct Options {
	double backbone_scale;
	RefineMode refine_mode;
	int64_t refine_sample_pixels;
	double refine_threshold;
	bool refine_prevent_oversampling;

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
};

/// Calls `visit(row)` for every row of the table, in order. Tell the rows apart by overloads.
template<typename Visitor> constexpr void for_each_option(Visitor &&visit)
{
	std::apply([&](const auto &...row) { (visit(row), ...); }, option_table);
}

constexpr Options::Options()
	: backbone_scale{}, refine_mode{}, refine_sample_pixels{}, refine_threshold{}, refine_prevent_oversampling{}
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

} // namespace matting
