// SPDX-License-Identifier: GPL-2.0-or-later
// What the user sees of the filter: its panel in the filter dialog.
#include "callback.hpp"
#include "held_control.hpp"
#include "hint.hpp"
#include "matting_filter.hpp"
#include "plate_file.hpp"
#include "status_words.hpp"
#include "text.hpp"
#include "ui_task.hpp"

#include <algorithm>
#include <utility>

#include <obs.hpp>
#include <util/platform.h>

namespace matting {
namespace {

constexpr uint64_t progress_interval_ns = 200'000'000;
constexpr uint64_t held_interval_ns = 100'000'000;
constexpr uint64_t held_ns = 1'500'000'000;    // after a change, somebody may have hold of a control
constexpr uint64_t typing_ns = 10'000'000'000; // what keeps the focus must not keep the news for ever
constexpr uint64_t settled_mattes = 40;        // then the numbers are worth showing

template<auto method> bool press(obs_properties_t *, obs_property_t *, void *filter)
{
	return Callback<method>::call(filter);
}

template<auto method>
obs_property_t *add_button(obs_properties_t *properties, const char *name, const char *label, MattingFilter *filter)
{
	return with_hint(obs_properties_add_button2(properties, name, label, press<method>, filter));
}

// Somebody may be typing into the control, or about to copy what is marked there. There is one for all filters.
bool is_typing(const void *control)
{
	static const void *last = nullptr;
	static uint64_t since_ns = 0;
	const uint64_t now = os_gettime_ns();
	if (std::exchange(last, control) != control)
		since_ns = now;
	if (now - since_ns < typing_ns)
		return control;
	last = nullptr; // the next news waits again
	return false;
}

} // namespace

Situation MattingFilter::situation() const
{
	const CudaMachine *machine = cuda_machine();
	return {.status = session_.status(),
		.countdown = countdown(),
		.is_view = view_.load().view != 0,
		.has_card = machine && !machine->devices.empty(),
		.has_other_filters = has_other_filters_,
		.is_off = is_off(),
		.is_hidden = !is_shown(),
		.is_trust_unkept = trust_.is_unkept(),
		.picture_flaw = picture_flaw_};
}

void MattingFilter::add_background_group(obs_properties_t *properties, const Status &status)
{
	obs_properties_t *group = obs_properties_create();
	const std::string path = session_.background().path;
	obs_property_t *info = obs_properties_add_text(
		group, "background_info", describe_plate(path, plate_is_missing_, status).c_str(), OBS_TEXT_INFO);
	obs_property_text_set_info_word_wrap(info, false); // as high as any other
	obs_property_t *previous = add_button<&MattingFilter::use_previous_background>(
		group, "use_previous_background", text("use_previous_background"), this);
	obs_property_set_enabled(previous, status.state != State::capturing && status.has_background &&
						   series_.other_than(path).has_value());
	obs_properties_add_group(properties, "background_group", text("background_group"), OBS_GROUP_NORMAL, group);
}

void MattingFilter::add_more(obs_properties_t *advanced)
{
	OBSDataAutoRelease settings = obs_source_get_settings(source_);
	add_button<&MattingFilter::trust_model>(advanced, "trust_model",
						text(trust_.holds() ? "distrust_model" : "trust_model"), this);
	if (*obs_data_get_string(settings, model_setting)) // OBS's control cannot be emptied
		add_button<&MattingFilter::use_bundled_model>(advanced, "use_bundled_model", text("use_bundled_model"),
							      this);
	add_button<&MattingFilter::refresh>(advanced, "refresh", text("refresh"), this);
	add_button<&MattingFilter::show_diagnostics>(advanced, "show_diagnostics", text("show_diagnostics"), this);
	if (!shows_diagnostics_)
		return;
	// As a default, so that it is not kept with the settings.
	obs_data_erase(settings, diagnostics_setting);
	obs_data_set_default_string(settings, diagnostics_setting, diagnostics().c_str());
	obs_properties_add_text(advanced, diagnostics_setting, text(diagnostics_setting), OBS_TEXT_MULTILINE);
}

// What a newcomer needs is on top, and forgetting is far from it.
obs_properties_t *MattingFilter::properties()
{
	obs_properties_t *properties = obs_properties_create();
	const Situation now = situation();
	const StatusWords words = words_of(now);
	OBSDataAutoRelease settings = obs_source_get_settings(source_);
	obs_data_apply(settings, corrections_of(settings)); // OBS shows what they say
	add_button<&MattingFilter::capture_background>(
		properties, "capture_background",
		text(is_capturing(now.status.state) ? "cancel_capture" : "capture_background"), this);
	add_countdown(properties, read_countdown(settings)); // what is in force is of the last tick
	obs_property_t *line = obs_properties_add_text(properties, "status", as_html(words).c_str(), OBS_TEXT_INFO);
	obs_property_text_set_info_type(line, words.severity);
	obs_property_text_set_info_word_wrap(line, false);
	add_quality(properties);
	add_background_group(properties, now.status);
	add_edge_group(properties);
	add_behind_group(properties);
	const std::string note = now.status.no_cuda.empty() ? "" : text("notice.no_cuda", now.status.no_cuda);
	add_advanced_group(properties, read_device(settings), note,
			   [this](obs_properties_t *advanced) { add_more(advanced); });
	obs_property_t *forget = add_button<&MattingFilter::ask_to_forget>(
		properties, "forget_background",
		text(asks_before_forgetting() ? "forget_background.again" : "forget_background"), this);
	obs_property_set_enabled(forget, now.status.has_background);
	return properties;
}

// That a button returns true makes OBS show the properties again that it has, not new ones.
bool MattingFilter::refresh()
{
	panel_is_old_ = true;
	return true;
}

bool MattingFilter::use_bundled_model()
{
	set_word(model_setting, "");
	return refresh();
}

bool MattingFilter::show_diagnostics()
{
	shows_diagnostics_ = !shows_diagnostics_;
	if (shows_diagnostics_) {
		obs_data_t *settings = obs_source_get_settings(source_);
		doctor_.ask(obs_data_get_string(settings, model_setting), read_device(settings));
		obs_data_release(settings);
	}
	return refresh();
}

// See Note [Whose code is run].
bool MattingFilter::trust_model()
{
	if (trust_.set(!trust_.holds()))
		obs_source_update(source_, nullptr);
	return refresh();
}

// Note [A panel made anew]
// It takes the slider out of the user's hand, closes an open list, and crashes OBS when a file or a colour is chosen in a dialog
// of before. So that is done only when something has happened that the user must know of, not while settings are being changed,
// and for the numbers once, when they have settled; and it waits until no list and no dialog is open and no mouse button is down,
// and for a while as long as a control has the focus that one types into.
// Only the UI thread knows that, but it is this thread that has OBS make the panel: on the UI thread OBS does so within the call,
// even in a filter dialog that it is just taking down, and crashes.
void MattingFilter::look_at_controls()
{
	looked_ns_ = os_gettime_ns();
	panel_turn_ = is_control_held() || is_typing(focused_text()) ? PanelTurn::held : PanelTurn::free;
}

void MattingFilter::refresh_panel()
{
	if (doctor_.listen() || is_news_for_panel())
		panel_is_old_ = true;
	if (!panel_is_old_ || panel_turn_ == PanelTurn::asked)
		return;
	const uint64_t now = os_gettime_ns();
	const uint64_t fresh_ns =
		std::max(held_interval_ns, 2 * obs_get_frame_interval_ns()); // then OBS has stood still
	const bool is_free = panel_turn_ == PanelTurn::free;
	if (is_free && now - looked_ns_ < fresh_ns) {
		panel_turn_ = PanelTurn::unknown;
		panel_is_old_ = false;
		obs_source_update_properties(source_);
	} else if (is_free || panel_turn_ == PanelTurn::unknown || now - asked_ns_ > held_interval_ns) {
		asked_ns_ = now;
		panel_turn_ = PanelTurn::asked;
		queue_for_ui<&MattingFilter::look_at_controls>(source_);
	}
}

bool MattingFilter::is_news_for_panel()
{
	const Condition current = session_.condition(), &shown = shown_.condition;
	const int seconds = countdown();
	const bool knows_devices = cuda_machine() != nullptr, asks = asks_before_forgetting();
	if (current.state != State::matting || settled_for_ns_ != updated_ns_) {
		mattes_before_ = current.mattes;
		settled_for_ns_ = updated_ns_;
		shown_.has_numbers = false;
	}
	const bool has_numbers = current.mattes - mattes_before_ >= settled_mattes;
	const bool off = is_off(), is_hidden = current.state == State::waiting && !is_shown();
	const PictureFlaw picture_flaw = picture_flaw_;
	const uint64_t now = os_gettime_ns();
	const bool is_news = current.state != shown.state || current.words != shown.words ||
			     current.shows_room != shown.shows_room || current.fits_badly != shown.fits_badly ||
			     current.flaw != shown.flaw || current.shows_gone != shown.shows_gone ||
			     current.is_behind != shown.is_behind || (current.step > 0) != (shown.step > 0) ||
			     seconds != shown_.countdown || knows_devices != shown_.knows_devices ||
			     asks != shown_.asks_before_forgetting || has_numbers != shown_.has_numbers ||
			     has_other_filters_ != shown_.has_other_filters || off != shown_.is_off ||
			     is_hidden != shown_.is_hidden || picture_flaw != shown_.picture_flaw;
	const bool is_progress =
		current.capture_missing != shown.capture_missing && now - shown_ns_ > progress_interval_ns;
	const bool is_held = now - updated_ns_ < held_ns && seconds == 0 && current.state != State::capturing;
	if ((!is_news && !is_progress) || is_held)
		return false;
	shown_ns_ = now;
	shown_ = {current, seconds, knows_devices, asks, has_numbers, has_other_filters_, off, is_hidden, picture_flaw};
	return true;
}

} // namespace matting
