// SPDX-License-Identifier: GPL-2.0-or-later
// What the user sees of the filter: its panel in the filter dialog.
#include "callback.hpp"
#include "matting_filter.hpp"
#include "settings.hpp"
#include "text.hpp"

#include <algorithm>
#include <cmath>

#include <util/platform.h>

namespace matting {
namespace {

constexpr uint64_t progress_interval_ns = 200'000'000;
constexpr uint64_t numbers_interval_ns = 5'000'000'000;

// The engine's sentences begin as they would in a terminal, after a colon.
std::string capitalised(std::string sentence)
{
	if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z')
		sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
	return sentence;
}

template<auto method> bool button(obs_properties_t *, obs_property_t *, void *filter)
{
	return Callback<method>::call(filter);
}

} // namespace

std::string MattingFilter::state_text(const Status &status) const
{
	if (const int seconds = countdown())
		return text("status.countdown", seconds);
	switch (status.state) {
	case State::no_engine:
	case State::failed:
		return capitalised(status.problem);
	case State::starting:
		return text("status.starting");
	case State::waiting:
		return text("status.waiting");
	case State::no_background:
		return text("status.no_background");
	case State::capturing:
		return text("status.capturing", status.capture_missing);
	case State::matting:
		break;
	}
	if (status.shows_room)
		return text("status.room");
	if (status.milliseconds == 0)
		return text("status.matting_soon", status.width, status.height, status.model);
	const double delay_frames = status.delay_milliseconds / std::max<double>(frame_milliseconds_, 1);
	return text("status.matting", status.width, status.height, status.model, status.milliseconds,
		    status.delay_milliseconds, delay_frames, graphics_milliseconds_.load());
}

std::string MattingFilter::status_text(const Status &status) const
{
	std::string lines = state_text(status);
	if (!status.capture_problem.empty())
		lines = capitalised(status.capture_problem) + '\n' + lines;
	if (status.fits_badly && !status.shows_room)
		lines += std::string("\n") + text("notice.fits_badly");
	if (!status.fallback.empty())
		lines += '\n' + status.fallback;
	if (!status.detour.empty())
		lines += '\n' + text("notice.detour", status.detour);
	if (!status.no_cuda.empty())
		lines += '\n' + text("notice.no_cuda", status.no_cuda);
	return lines;
}

void MattingFilter::add_status(obs_properties_t *properties, const Status &status) const
{
	const bool has_problem = status.state == State::no_engine || status.state == State::failed || status.shows_room;
	const bool has_warning = !status.capture_problem.empty() || !status.fallback.empty() || status.fits_badly;
	obs_property_t *line =
		obs_properties_add_text(properties, "status", status_text(status).c_str(), OBS_TEXT_INFO);
	obs_property_text_set_info_type(line, has_problem   ? OBS_TEXT_INFO_ERROR
					      : has_warning ? OBS_TEXT_INFO_WARNING
							    : OBS_TEXT_INFO_NORMAL);
	obs_property_text_set_info_word_wrap(line, true);
}

bool MattingFilter::is_capturing(State state) const
{
	return state == State::capturing || capture_at_ns_ != 0;
}

// Capturing is above the text, so that the button stays where it is when that grows; forgetting is far from it.
obs_properties_t *MattingFilter::properties()
{
	obs_properties_t *properties = obs_properties_create();
	const Status status = session_.status();
	obs_properties_add_button2(properties, "capture_background",
				   text(is_capturing(status.state) ? "cancel_capture" : "capture_background"),
				   button<&MattingFilter::capture_background>, this);
	add_status(properties, status);
	obs_data_t *settings = obs_source_get_settings(source_);
	add_setting_properties(properties, obs_data_get_string(settings, "device"));
	obs_data_release(settings);
	obs_properties_add_button2(
		properties, "refresh", obs_module_text("refresh"),
		[](obs_properties_t *, obs_property_t *, void *) { return true; }, this);
	obs_property_t *forget = obs_properties_add_button2(
		properties, "forget_background",
		text(asks_before_forgetting() ? "forget_background.again" : "forget_background"),
		button<&MattingFilter::forget_background>, this);
	obs_property_set_enabled(forget, status.has_background);
	return properties;
}

// A panel made anew takes the slider out of the user's hand: so only when the state changes, and for numbers when they have
// become wrong, and not often.
void MattingFilter::refresh_panel()
{
	const Condition current = session_.condition(), &shown = shown_.condition;
	const int seconds = countdown();
	const bool knows_devices = cuda_machine() != nullptr, asks = asks_before_forgetting();
	const uint64_t now = os_gettime_ns();
	const bool is_news = current.state != shown.state || current.words != shown.words ||
			     current.shows_room != shown.shows_room || current.fits_badly != shown.fits_badly ||
			     seconds != shown_.countdown || knows_devices != shown_.knows_devices ||
			     asks != shown_.asks_before_forgetting;
	const bool is_progress =
		current.capture_missing != shown.capture_missing && now - shown_ns_ > progress_interval_ns;
	const double change = std::abs(current.delay_milliseconds - shown.delay_milliseconds);
	const bool is_wrong =
		change > std::max(10.0, 0.25 * shown.delay_milliseconds) && now - shown_ns_ > numbers_interval_ns;
	if (!is_news && !is_progress && !is_wrong)
		return;
	shown_ns_ = now;
	shown_ = {current, seconds, knows_devices, asks};
	obs_source_update_properties(source_);
}

} // namespace matting
