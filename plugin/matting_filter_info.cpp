// SPDX-License-Identifier: GPL-2.0-or-later
// The filter as libobs is told of it.
#include "callback.hpp"
#include "matting_filter.hpp"
#include "settings.hpp"

namespace matting {

// libobs may ask what the settings of a filter would be before there is one.
static obs_properties_t *panel_without_filter()
{
	obs_properties_t *properties = obs_properties_create();
	add_countdown(properties);
	add_quality(properties);
	add_edge_group(properties);
	add_behind_group(properties);
	add_advanced_group(properties, {}, {}, [](obs_properties_t *) {});
	return properties;
}

obs_source_info matting_filter_info()
{
	obs_source_info info = {};
	info.id = "background_matting";
	info.type = OBS_SOURCE_TYPE_FILTER;
	info.output_flags = OBS_SOURCE_VIDEO | OBS_SOURCE_SRGB;
	info.get_name = [](void *) {
		return obs_module_text("name");
	};
	info.create = [](obs_data_t *settings, obs_source_t *source) -> void * {
		try {
			return new MattingFilter(settings, source);
		} catch (const std::exception &error) {
			log_exception(error);
			return nullptr;
		}
	};
	info.destroy = [](void *filter) {
		delete static_cast<MattingFilter *>(filter);
	};
	info.get_defaults = set_defaults;
	info.get_properties = [](void *filter) {
		return filter ? callback<&MattingFilter::properties>(filter) : panel_without_filter();
	};
	info.update = callback<&MattingFilter::update>;
	info.video_tick = callback<&MattingFilter::video_tick>;
	info.video_render = callback<&MattingFilter::video_render>;
	info.filter_remove = callback<&MattingFilter::remove_from>;
	info.missing_files = callback<&MattingFilter::missing_files>;
	info.video_get_color_space = [](void *, size_t, const gs_color_space *) {
		return GS_CS_SRGB;
	};
	return info;
}

} // namespace matting
