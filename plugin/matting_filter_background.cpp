// SPDX-License-Identifier: GPL-2.0-or-later
// Capturing, keeping and forgetting the background.
#include "callback.hpp"
#include "filters_before.hpp"
#include "matting_filter.hpp"
#include "text.hpp"
#include "ui_task.hpp"

#include <algorithm>

#include <util/platform.h>

namespace matting {
namespace {

constexpr uint32_t capture_frames = 16; // their mean has a quarter of a frame's noise
constexpr uint64_t second_ns = 1'000'000'000;
constexpr uint64_t double_click_ns = second_ns / 2; // its second click answers no question
constexpr uint64_t question_ns = 5 * second_ns;

} // namespace

// ---- Capturing

bool MattingFilter::is_shown() const
{
	return unseen_ticks_ < hidden_after_ticks;
}

bool MattingFilter::capture_background()
{
	if (cancel_capture())
		return true;
	if (is_shown() || is_off())
		begin_capture(countdown_seconds_);
	else
		session_.refuse_capture(text("error.capture_hidden")); // before anybody leaves the room for nothing
	return true;
}

// False: there is none.
bool MattingFilter::cancel_capture()
{
	if (capture_at_ns_.exchange(0) == 0)
		return session_.cancel_capture(text("notice.capture_cancelled"));
	session_.refuse_capture(text("notice.capture_cancelled"));
	return true;
}

void MattingFilter::begin_capture(int seconds)
{
	if (is_capturing(session_.condition().state))
		return;
	if (is_off())
		session_.refuse_capture(text("error.capture_off"));
	else if (!is_shown() && seconds <= 0) // a script may have begun to show it just now
		session_.refuse_capture(text("error.capture_hidden"));
	else if (session_.can_capture()) {
		must_look_at_filters_ = true; // the capture waits for that
		queue_for_ui<&MattingFilter::look_at_filters>(source_);
		capture_at_ns_ = os_gettime_ns() + static_cast<uint64_t>(std::clamp(seconds, 0, 60)) * second_ns;
	}
}

bool MattingFilter::is_capturing(State state) const
{
	return state == State::capturing || capture_at_ns_ != 0;
}

int MattingFilter::countdown() const
{
	const uint64_t at = capture_at_ns_, now = os_gettime_ns();
	return at > now ? static_cast<int>((at - now + second_ns - 1) / second_ns) : 0;
}

// A capture does not wait for a source that is hidden: it would go off on air, whenever that is shown.
void MattingFilter::count_down()
{
	show_progress();
	const char *why = is_off() ? "error.capture_off" : "error.capture_hidden";
	if (was_capturing_ && !is_shown())
		session_.cancel_capture(text(why));
	uint64_t at = capture_at_ns_;
	const uint64_t now = os_gettime_ns();
	const bool is_late = at != 0 && now > at + 2 * second_ns; // OBS or its window stood still: who left is back
	if (at == 0 || now < at || (must_look_at_filters_ && !is_late) ||
	    !capture_at_ns_.compare_exchange_strong(at, begins_now))
		return;
	has_captured_ = false;
	sign_until_ns_ = now + 2 * second_ns; // unless it begins
	if (!is_shown() || is_late)
		session_.refuse_capture(text(is_shown() ? "error.capture_late" : why));
	else
		begin_frames();
	at = begins_now;
	if (!capture_at_ns_.compare_exchange_strong(at, 0)) // somebody has cancelled it in between
		session_.cancel_capture(text("notice.capture_cancelled"));
}

void MattingFilter::begin_frames()
try {
	begin_series();
	session_.capture(series_.new_path(session_.background().number + 1, filters_before_), capture_frames);
} catch (const std::exception &error) {
	session_.refuse_capture(words_of(error));
}

// For who stands in the room. Never when that would be seen by others.
void MattingFilter::show_progress()
{
	const Condition condition = session_.condition();
	const bool is_capturing_now = condition.state == State::capturing;
	const uint64_t now = os_gettime_ns();
	if (was_capturing_ && !is_capturing_now) {
		sign_until_ns_ = now + 2 * second_ns;
		has_captured_ = condition.captures != captures_before_ && condition.flaw == PlateFlaw::none;
	}
	if (!was_capturing_)
		captures_before_ = condition.captures;
	was_capturing_ = is_capturing_now;
	const int seconds = countdown();
	const bool is_of_interest = seconds > 0 || is_capturing_now || now < sign_until_ns_;
	const bool may_be_shown = is_of_interest && !is_on_air();
	overlay_number_ = may_be_shown ? seconds : 0;
	const Sign sign = is_capturing_now ? Sign::capturing : has_captured_ ? Sign::captured : Sign::failed;
	overlay_sign_ = may_be_shown && seconds == 0 ? 1 + static_cast<uint32_t>(sign) : 0;
}

// ---- Which file is in force

// Somebody has drawn in it, or taken it anew with another program.
void MattingFilter::watch_plate()
{
	const int64_t number = session_.condition().background_number;
	const uint64_t now = os_gettime_ns();
	if (number == watched_number_ && now - watched_ns_ < second_ns)
		return;
	watched_number_ = number;
	watched_ns_ = now;
	const std::string path = session_.background().path;
	if (plate_watch_.has_changed(path))
		session_.read_background_again(path);
	plate_is_missing_ = plate_watch_.is_missing();
}

// A camera that is switched from one setting to another and back has been seen empty in both. Not here: it reads files. What is
// captured meanwhile is of this size.
void MattingFilter::watch_size()
{
	const PlateSize size{width_, height_};
	if (sized_for_.load() == size || is_capturing(session_.condition().state))
		return;
	sized_for_ = size;
	queue_for_ui<&MattingFilter::use_plate_of_this_size>(source_);
}

void MattingFilter::use_plate_of_this_size()
{
	const Background now = session_.background();
	const auto better = series_.better_for(sized_for_, now.path);
	if (is_capturing(session_.condition().state))
		sized_for_ = PlateSize{}; // it may be cancelled
	else if (better)
		session_.choose_background(*better, now);
}

// Note [The plate was taken behind the same filters]
// A crop or a colour that was put before this filter since does to the camera what it did not do to the plate. Which filters
// there were is in the name of a capture's file, so that it is known of each one, whatever becomes of the settings.
void MattingFilter::look_at_filters()
{
	filters_before_ = fingerprint_of_filters_before(source_, parent_.of(source_));
	must_look_at_filters_ = false;
	const auto captured = BackgroundSeries::fingerprint_of(session_.background().path);
	has_other_filters_ = captured && *captured != filters_before_;
}

void MattingFilter::watch_filters()
{
	const uint64_t now = os_gettime_ns();
	if (now - filters_ns_ < second_ns)
		return;
	filters_ns_ = now;
	queue_for_ui<&MattingFilter::look_at_filters>(source_);
}

// ---- Forgetting

bool MattingFilter::asks_before_forgetting() const
{
	return os_gettime_ns() - forget_asked_ns_ < question_ns;
}

bool MattingFilter::ask_to_forget()
{
	if (!asks_before_forgetting())
		forget_asked_ns_ = os_gettime_ns();
	else if (os_gettime_ns() - forget_asked_ns_ >= double_click_ns)
		forget_background();
	return true;
}

void MattingFilter::forget_background()
{
	forget_asked_ns_ = 0;
	capture_at_ns_ = 0;
	const std::string path = session_.background().path;
	session_.forget_background();
	series_.remove(path);
}

bool MattingFilter::use_previous_background()
{
	const Background now = session_.background();
	if (const auto other = series_.other_than(now.path))
		session_.choose_background(*other, now);
	return true;
}

// ---- Missing files

void MattingFilter::set_word(const char *setting, const char *word)
{
	obs_data_t *settings = obs_data_create();
	obs_data_set_string(settings, setting, word);
	obs_source_update(source_, settings);
	obs_data_release(settings);
}

obs_missing_files_t *MattingFilter::missing_files()
{
	obs_missing_files_t *files = obs_missing_files_create();
	obs_data_t *settings = obs_source_get_settings(source_);
	const auto add_if_missing = [&](const char *setting, obs_missing_file_cb replace) {
		const char *path = obs_data_get_string(settings, setting);
		if (*path && !os_file_exists(path))
			obs_missing_files_add_file(
				files,
				obs_missing_file_create(path, replace, OBS_MISSING_FILE_SOURCE, source_, nullptr));
	};
	// What libobs calls them with is the filter, whatever source it was given.
	add_if_missing(background_setting, [](void *filter, const char *path, void *) {
		callback<&MattingFilter::set_word>(filter, background_setting, path);
	});
	add_if_missing(model_setting, [](void *filter, const char *path, void *) {
		callback<&MattingFilter::set_word>(filter, model_setting, path);
	});
	const Presentation presentation = read_presentation(settings);
	if (presentation.behind == Behind::picture)
		add_if_missing(behind_picture_setting, [](void *filter, const char *path, void *) {
			callback<&MattingFilter::set_word>(filter, behind_picture_setting, path);
		});
	if (presentation.not_ready == Behind::picture)
		add_if_missing(not_ready_picture_setting, [](void *filter, const char *path, void *) {
			callback<&MattingFilter::set_word>(filter, not_ready_picture_setting, path);
		});
	obs_data_release(settings);
	return files;
}

} // namespace matting
