// SPDX-License-Identifier: GPL-2.0-or-later
// What `eval` prints.
#pragma once

#include "inference/training/metrics.hpp"

#include <string>
#include <vector>

namespace matting {

struct Evaluated {
	std::string name;
	training::AlphaError error;
};

/// A line for each picture, and their mean.
void print_table(const std::vector<Evaluated> &results);
/// The mean, for a page in Markdown: a row for each kind, a column for each place.
void print_markdown(const std::vector<Evaluated> &results);
/// `failure`: why these are not all; or empty.
void print_json(const std::string &model, const std::vector<Evaluated> &results, const std::string &failure);

/// What each measure is, a line each.
std::string measures_text();

} // namespace matting
