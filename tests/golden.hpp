// SPDX-License-Identifier: GPL-2.0-or-later
// Outputs of the published code: see tests/golden/README.md.
#pragma once

#include "inference/options.hpp"

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace matting {

/// The folder of the sources: where they were when this was compiled, or MATTING_ROOT, for tests that run on another
/// machine.
std::filesystem::path project_root();

/// A row for each case.
nlohmann::json golden_cases();
/// One of a case's `outputs`.
at::Tensor read_golden(const nlohmann::json &output);
/// The attributes of a case.
Options golden_options(const nlohmann::json &row);

} // namespace matting
