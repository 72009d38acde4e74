// SPDX-License-Identifier: GPL-2.0-or-later
// What the user sees of the filter: its panel in the filter dialog.
#include "callback.hpp"
#include "matting_filter.hpp"
#include "settings.hpp"

#include <cmath>

#include <fmt/format.h>

namespace matting {
namespace {

template<typename... Arguments> std::string text(const char *key, const Arguments &...arguments)
{
	return fmt::format(fmt::runtime(obs_module_text(key)), arguments...);
}

template<auto method> bool button(obs_properties_t *, obs_property_t *, void *filter)
{
	return Callback<method>::call(filter);
}

} // namespace

std::string MattingFilter::status_text(const Status &status) const
{
	switch (status.state) {
	case State::no_engine:
		return text("status.no_engine", status.problem);
	case State::starting:
		return text("status.starting");
	case State::no_background:
		return text("status.no_background");
	case State::capturing:
		return text("status.capturing");
	case State::failed:
		return text("status.failed", status.problem);
	case State::matting:
		break;
	}
	if (status.milliseconds == 0)
		return text("status.matting_soon", status.width, status.height, status.model);
	const double delay_frames = status.delay_milliseconds / std::max<double>(frame_milliseconds_, 1);
	return text("status.matting", status.width, status.height, status.model, status.milliseconds,
		    status.delay_milliseconds, delay_frames, graphics_milliseconds_.load());
}

obs_properties_t *MattingFilter::properties()
{
	obs_properties_t *properties = obs_properties_create();
	const Status status = session_.status();
	const bool has_problem = status.state == State::no_engine || status.state == State::failed;
	const std::string line = capture_problem_.empty() ? status_text(status) : capture_problem_;
	obs_property_t *text_line = obs_properties_add_text(properties, "status", line.c_str(), OBS_TEXT_INFO);
	obs_property_text_set_info_type(text_line, has_problem                 ? OBS_TEXT_INFO_ERROR
						   : !capture_problem_.empty() ? OBS_TEXT_INFO_WARNING
									       : OBS_TEXT_INFO_NORMAL);
	obs_property_text_set_info_word_wrap(text_line, true);
	capture_problem_.clear();

	obs_properties_add_button2(properties, "capture_background", obs_module_text("capture_background"),
				   button<&MattingFilter::capture_background>, this);
	obs_properties_add_button2(properties, "forget_background", obs_module_text("forget_background"),
				   button<&MattingFilter::forget_background>, this);
	add_setting_properties(properties);
	obs_properties_add_button2(
		properties, "refresh", obs_module_text("refresh"),
		[](obs_properties_t *, obs_property_t *, void *) { return true; }, this);
	return properties;
}

// Only when the state changes: a panel made anew takes the slider out of the user's hand.
void MattingFilter::refresh_panel()
{
	const Status status = session_.status();
	if (status.state == shown_state_ && status.problem == shown_problem_)
		return;
	shown_state_ = status.state;
	shown_problem_ = status.problem;
	obs_source_update_properties(source_);
}

} // namespace matting
