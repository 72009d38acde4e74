// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.hpp"

#include <cmath>

namespace matting {
namespace {

// What the network sees of the longer side, and the share of the picture that is refined at most. The bundled model has learnt on
// pictures 320 wide: of 800 and more it makes holes in what is solid.
struct Level {
	double coarse_side, refined_share;
};
constexpr std::array<Level, 5> levels{{{256, 0.04}, {320, 0.05}, {480, 0.07}, {560, 0.12}, {640, 0.2}}};

int level_of(Quality quality, bool is_on_card)
{
	switch (quality) {
	case Quality::fast:
		return is_on_card ? 2 : 1;
	case Quality::balanced:
		return is_on_card ? 3 : 2;
	case Quality::fine:
		return 4;
	case Quality::automatic:
	case Quality::custom:
		break;
	}
	return is_on_card ? 4 : 2;
}

} // namespace

Steps steps_of_automatic(bool is_on_card)
{
	const int first = level_of(Quality::automatic, is_on_card);
	return {first - static_cast<int>(levels.size()) + 1, first};
}

Options with_quality(const Options &options, int width, int height, bool is_on_card, int step)
{
	if (options.quality == Quality::custom)
		return options;
	const int wanted = level_of(options.quality, is_on_card) - (options.quality == Quality::automatic ? step : 0);
	const Level &level = levels[static_cast<size_t>(std::clamp(wanted, 0, static_cast<int>(levels.size()) - 1))];
	const Options initial;
	Options result = options;
	result.quality = Quality::custom;
	result.backbone_scale = level.coarse_side / std::max(width, height);
	result.refine_mode = initial.refine_mode;
	result.refine_sample_pixels = std::llround(level.refined_share * width * height);
	result.refine_prevent_oversampling = initial.refine_prevent_oversampling;
	for_each_option([&](const auto &row) {
		if constexpr (requires { row.minimum; })
			result.*row.field = std::clamp(result.*row.field, row.minimum, row.maximum);
	});
	return result;
}

} // namespace matting
