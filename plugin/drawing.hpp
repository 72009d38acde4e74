// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <obs-module.h>

namespace matting {

/// As libobs itself draws what a filter is on. But its obs_source_skip_video_filter asks for the parent again, and has none if
/// the filter was removed in the meantime.
inline void draw_source(obs_source_t *target, obs_source_t *parent)
{
	const uint32_t flags = obs_source_get_output_flags(target);
	if (target == parent && !(flags & OBS_SOURCE_CUSTOM_DRAW) && !(flags & OBS_SOURCE_ASYNC))
		obs_source_default_render(target);
	else
		obs_source_video_render(target);
}

} // namespace matting
