// SPDX-License-Identifier: GPL-2.0-or-later
// Model files with known answers, made by hand or by formula.
#pragma once

#include <filesystem>
#include <string>

namespace matting {

/// Alpha is `alpha` everywhere, the foreground is the source. MobileNetV2.
std::filesystem::path constant_model(double alpha);

/// Alpha is clamp(8 * (green of the source - green of the background)), coarse and unrefined; the foreground is the
/// source. MobileNetV2.
std::filesystem::path difference_model();

/// The same, with the attribute refine_mode = full in the file.
std::filesystem::path fully_refining_model();

/// TorchScript that is not BackgroundMattingV2: alpha is 1 where the source has more green than the background, and else 0; the
/// foreground is the source. Two outputs, no weights, no attributes.
std::filesystem::path other_network();

/// Weights by the formula of tests/golden/README.md: `backbone` is mobilenetv2, resnet50 or resnet101.
std::filesystem::path formula_model(const std::string &backbone);

} // namespace matting
