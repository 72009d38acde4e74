// SPDX-License-Identifier: GPL-2.0-or-later
// Capturing, keeping and forgetting the background.
#include "callback.hpp"
#include "matting_filter.hpp"
#include "settings.hpp"
#include "text.hpp"

#include <util/platform.h>

namespace matting {
namespace {

constexpr uint32_t capture_frames = 16; // their mean has a quarter of a frame's noise
constexpr uint64_t second_ns = 1'000'000'000;
constexpr uint64_t hidden_after_ns = second_ns / 2;
constexpr uint64_t double_click_ns = second_ns / 2; // its second click answers no question
constexpr uint64_t question_ns = 5 * second_ns;

} // namespace

// ---- Capturing

bool MattingFilter::is_shown() const
{
	return os_gettime_ns() - rendered_ns_ < hidden_after_ns;
}

bool MattingFilter::capture_background()
{
	if (capture_at_ns_.exchange(0) != 0)
		session_.refuse_capture(text("notice.capture_cancelled"));
	else if (session_.cancel_capture(text("notice.capture_cancelled")))
		return true;
	else if (!is_shown())
		session_.refuse_capture(text("error.capture_hidden"));
	else if (session_.can_capture())
		capture_at_ns_ = os_gettime_ns() + countdown_seconds_ * second_ns;
	return true;
}

int MattingFilter::countdown() const
{
	const uint64_t at = capture_at_ns_, now = os_gettime_ns();
	return at > now ? static_cast<int>((at - now + second_ns - 1) / second_ns) : 0;
}

// A capture does not wait for a source that is hidden: it would go off on air, whenever that is shown.
void MattingFilter::count_down()
{
	if (!is_shown())
		session_.cancel_capture(text("error.capture_hidden"));
	uint64_t at = capture_at_ns_;
	if (at == 0 || os_gettime_ns() < at || !capture_at_ns_.compare_exchange_strong(at, 0))
		return;
	if (!is_shown())
		return session_.refuse_capture(text("error.capture_hidden"));
	try {
		session_.capture(series_.new_path(session_.background().number + 1), capture_frames);
	} catch (const std::exception &error) {
		session_.refuse_capture(error.what());
	}
}

// ---- Keeping

// Note [Who writes settings]
// obs_data has no lock, and the UI thread reads it whenever it likes. So settings are written there only, by a task; what is in
// force is in the session, whatever they say meanwhile.
void MattingFilter::store_background()
{
	const Background background = session_.background();
	obs_data_t *settings = obs_source_get_settings(source_);
	obs_data_set_string(settings, background_setting, background.path.c_str());
	obs_data_set_int(settings, number_setting, background.number);
	obs_data_set_string(settings, series_setting, series_.name().c_str());
	obs_data_release(settings);
	obs_source_update_properties(source_);
}

// Runs a member on the UI thread, unless the filter has gone by then.
template<auto method> static void queue_for_ui(obs_source_t *source)
{
	const auto task = [](void *parameter) {
		auto *weak = static_cast<obs_weak_source_t *>(parameter);
		if (obs_source_t *filter = obs_weak_source_get_source(weak)) {
			if (void *data = obs_obj_get_data(filter))
				callback<method>(data);
			obs_source_release(filter);
		}
		obs_weak_source_release(weak);
	};
	obs_queue_task(OBS_TASK_UI, task, obs_source_get_weak_source(source), /*wait=*/false);
}

void MattingFilter::keep_settings_true()
{
	const int64_t number = session_.condition().background_number;
	if (!must_store_.exchange(false) && number == stored_number_)
		return;
	stored_number_ = number;
	queue_for_ui<&MattingFilter::store_background>(source_);
}

// ---- Forgetting

bool MattingFilter::asks_before_forgetting() const
{
	return os_gettime_ns() - forget_asked_ns_ < question_ns;
}

bool MattingFilter::forget_background()
{
	if (!asks_before_forgetting()) {
		forget_asked_ns_ = os_gettime_ns();
		return true;
	}
	if (os_gettime_ns() - forget_asked_ns_ < double_click_ns)
		return true;
	forget_asked_ns_ = 0;
	capture_at_ns_ = 0;
	session_.forget_background();
	return true;
}

// ---- Missing files

void MattingFilter::replace_file(const char *setting, const char *path)
{
	obs_data_t *settings = obs_data_create();
	obs_data_set_string(settings, setting, path);
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
		callback<&MattingFilter::replace_file>(filter, background_setting, path);
	});
	add_if_missing(model_setting, [](void *filter, const char *path, void *) {
		callback<&MattingFilter::replace_file>(filter, model_setting, path);
	});
	obs_data_release(settings);
	return files;
}

// ---- Hotkey

// libobs gives none to filters, which are private; so it is the parent's. Its name must be the same at every start, because
// the key is stored under it. A parent that is private, too, has none.
void MattingFilter::watch_hotkey()
{
	obs_source_t *parent = obs_filter_get_parent(source_);
	{
		const std::lock_guard lock(hotkey_mutex_);
		if (!parent)
			removed_from_ = nullptr;
		if (is_hotkey_queued_ || !needs_hotkey(parent, obs_source_get_name(source_)))
			return;
		is_hotkey_queued_ = true;
	}
	queue_for_ui<&MattingFilter::register_hotkey>(source_); // in a tick libobs holds locks that hotkeys want, too
}

bool MattingFilter::needs_hotkey(obs_source_t *parent, const char *name) const
{
	return parent && name && parent != removed_from_ && (parent != hotkey_parent_ || hotkey_name_ != name);
}

void MattingFilter::register_hotkey()
{
	obs_source_t *parent = obs_filter_get_parent(source_);
	const char *name = obs_source_get_name(source_);
	{
		const std::lock_guard lock(hotkey_mutex_);
		is_hotkey_queued_ = false;
		if (!needs_hotkey(parent, name))
			return;
		hotkey_parent_ = parent;
		hotkey_name_ = name;
	}
	const auto press = [](void *filter, obs_hotkey_id, obs_hotkey_t *, bool is_pressed) {
		if (is_pressed)
			callback<&MattingFilter::capture_background>(filter);
	};
	// libobs's lock is held around calls of `press`: it is never taken under ours.
	const obs_hotkey_id added = obs_hotkey_register_source(
		parent, fmt::format("background_matting.capture_background.{}", name).c_str(),
		text("hotkey.capture_background", name).c_str(), press, this);
	replace_hotkey(added, /*unless_removed_from=*/parent);
}

void MattingFilter::replace_hotkey(obs_hotkey_id added, obs_source_t *unless_removed_from)
{
	obs_hotkey_id old;
	{
		const std::lock_guard lock(hotkey_mutex_);
		const bool is_late = unless_removed_from && unless_removed_from == removed_from_;
		old = is_late ? added : std::exchange(hotkey_, added);
	}
	if (old != OBS_INVALID_HOTKEY_ID)
		obs_hotkey_unregister(old);
}

// One may be registered at this moment, and libobs still says for a while that there is a parent.
void MattingFilter::unregister_hotkey()
{
	{
		const std::lock_guard lock(hotkey_mutex_);
		removed_from_ = std::exchange(hotkey_parent_, nullptr);
	}
	replace_hotkey(OBS_INVALID_HOTKEY_ID, nullptr);
}

} // namespace matting
