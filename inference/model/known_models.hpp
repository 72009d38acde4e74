// SPDX-License-Identifier: GPL-2.0-or-later
// The models at hand: the bundled one, the published ones, the user's own.
#pragma once

#include <array>
#include <filesystem>
#include <string>

namespace matting {

/// What the authors of the network have published (MIT licence).
struct PublishedModel {
	const char *name, *file, *sha256;
};
inline constexpr std::array published_models{
	PublishedModel{"mobilenetv2", "torchscript_mobilenetv2_fp32.pth",
		       "6d449e8a0445438491cf07c03a6e86f21df2b3aa2dc630d9430347fcb807aae4"},
	PublishedModel{"resnet50", "torchscript_resnet50_fp32.pth",
		       "c22fe27f627c04122cd44a3476315eb2fcb06a8d8ff2803ac610c1dd6d4de2a7"},
};
inline constexpr const char *published_at = "https://github.com/PeterL1n/BackgroundMattingV2/releases/download/v1.0.0";

/// The one whose `field` is that; null if there is none.
const PublishedModel *find_published_model(const char *PublishedModel::*field, const std::string &value);

/// The path of the model that comes with the program: the first *.pth, by name, in its data. Throws Error.
std::string bundled_model();

/// The file of a model by a name that `models list` shows: bundled, mobilenetv2, or that of an imported file. Other names, and
/// those that files have, are paths as they are. Throws Error: it has not been fetched.
std::filesystem::path find_model(const std::filesystem::path &name);

} // namespace matting
