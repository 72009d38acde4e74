// SPDX-License-Identifier: GPL-2.0-or-later
// The filter for scripts and for those who help: procedures, signals, hotkeys, diagnostics.
#include "callback.hpp"
#include "matting_filter.hpp"
#include "status_words.hpp"
#include "text.hpp"
#include "ui_task.hpp"

#include "inference/wire/home_folder.hpp"
#include "plugin/engine/utf8_path.hpp"

#include <obs.hpp>

namespace matting {
namespace {

const char *name_of(State state)
{
	switch (state) {
	case State::no_engine:
		return "no_engine";
	case State::starting:
		return "starting";
	case State::waiting:
		return "waiting";
	case State::no_background:
		return "no_background";
	case State::capturing:
		return "capturing";
	case State::matting:
		return "matting";
	case State::failed:
		return "failed";
	}
	return "unknown";
}

std::string value_text(const Options &options, const auto &row)
{
	if constexpr (requires { row.choices; })
		return row.choices[static_cast<size_t>(options.*row.field)];
	else
		return fmt::format("{}", options.*row.field);
}

template<auto method> void procedure(void *filter, calldata_t *)
{
	callback<method>(filter);
}

} // namespace

// Any thread may call them.
void MattingFilter::add_procedures()
{
	proc_handler_t *procedures = obs_source_get_proc_handler(source_);
	proc_handler_add(
		procedures, "void capture_background(in int seconds)",
		[](void *filter, calldata_t *data) {
			callback<&MattingFilter::begin_capture>(filter,
								static_cast<int>(calldata_int(data, "seconds")));
		},
		this);
	proc_handler_add(procedures, "void cancel_capture()", procedure<&MattingFilter::cancel_capture>, this);
	proc_handler_add(procedures, "void forget_background()", procedure<&MattingFilter::forget_background>, this);
	proc_handler_add(
		procedures, "void get_status(out string json)",
		[](void *filter, calldata_t *data) {
			calldata_set_string(data, "json", callback<&MattingFilter::status_json>(filter).c_str());
		},
		this);
	signal_handler_add(obs_source_get_signal_handler(source_),
			   "void background_matting_state(ptr source, string state)");
}

const char *MattingFilter::state_name(const Condition &condition) const
{
	if (is_off())
		return "off";
	if (capture_at_ns_ != 0)
		return "counting_down";
	return condition.state == State::matting && condition.shows_room ? "wrong_background"
									 : name_of(condition.state);
}

// Note [Who hears of a state]
// Scripts may do anything then, and have a lock of their own. In a tick that of OBS 29 holds the lock of all sources: a script that
// looks for a source on the UI thread, and this one in its callback, would each wait for what the other holds.
void MattingFilter::notice_state()
{
	const char *state = state_name(session_.condition());
	if (state == noticed_state_)
		return;
	{
		const std::lock_guard lock(states_mutex_);
		states_.push_back(state);
	}
	noticed_state_ = state;
	queue_for_ui<&MattingFilter::tell_states>(source_);
}

void MattingFilter::tell_states()
{
	std::vector<const char *> states;
	{
		const std::lock_guard lock(states_mutex_);
		states.swap(states_);
	}
	for (const char *state : states) {
		calldata_t data = {};
		calldata_set_ptr(&data, "source", source_);
		calldata_set_string(&data, "state", state);
		signal_handler_signal(obs_source_get_signal_handler(source_), "background_matting_state", &data);
		calldata_free(&data);
	}
}

std::string MattingFilter::status_json()
{
	const Situation now = situation();
	const Status &status = now.status;
	const StatusWords words = words_of(now);
	OBSDataAutoRelease json = obs_data_create();
	obs_data_set_string(json, "state", state_name(status));
	obs_data_set_string(json, "severity",
			    words.severity == OBS_TEXT_INFO_ERROR     ? "error"
			    : words.severity == OBS_TEXT_INFO_WARNING ? "warning"
								      : "normal");
	obs_data_set_string(json, "verdict", words.verdict.c_str());
	obs_data_set_string(json, "cure", words.cure.c_str());
	obs_data_set_string(json, "model", status.model.c_str());
	obs_data_set_bool(json, "has_background", status.has_background);
	obs_data_set_int(json, "countdown", now.countdown);
	obs_data_set_int(json, "frames_missing", status.capture_missing);
	obs_data_set_int(json, "width", status.width);
	obs_data_set_int(json, "height", status.height);
	obs_data_set_double(json, "milliseconds", status.milliseconds);
	obs_data_set_double(json, "delay_milliseconds", status.delay_milliseconds);
	obs_data_set_double(json, "picture_milliseconds", status.picture_milliseconds);
	obs_data_set_double(json, "matte_milliseconds", status.matte_milliseconds);
	obs_data_set_double(json, "obs_milliseconds", graphics_milliseconds_);
	obs_data_set_int(json, "mattes", static_cast<int64_t>(status.mattes));
	obs_data_set_int(json, "dropped", static_cast<int64_t>(status.dropped));
	obs_data_set_int(json, "quality_step", status.step);
	obs_data_set_double(json, "fit", status.figures.fit);
	obs_data_set_double(json, "opaque", status.figures.opaque);
	obs_data_set_double(json, "gone", status.figures.gone);
	OBSDataAutoRelease options = obs_data_create();
	for_each_option([&](const auto &row) {
		obs_data_set_string(options, row.name, value_text(status.options, row).c_str());
	});
	obs_data_set_obj(json, "options", options);
	return obs_data_get_json(json);
}

std::string MattingFilter::diagnostics()
{
	OBSDataAutoRelease settings = obs_source_get_settings(source_);
	const std::string model = utf8_of(path_of(obs_data_get_string(settings, model_setting)).filename());
	std::string report = fmt::format("background-matting {}, OBS {}\nmodel: {}\ndevice: {}\n", MATTING_VERSION,
					 obs_get_version_string(), model.empty() ? "bundled" : model,
					 obs_data_get_string(settings, "device"));
	for (const char *name : {executor_setting, "behind", "not_ready", view_setting})
		report += fmt::format("{}: {}\n", name, obs_data_get_string(settings, name));
	report += fmt::format("{}: {}\nkeep_running: {}\n", threads_setting, read_threads(settings),
			      read_presentation(settings).keeps_running);
	const Options chosen = read_settings(settings).options;
	for_each_option([&](const auto &row) { report += fmt::format("{}: {}\n", row.name, value_text(chosen, row)); });
	const Status status = session_.status();
	for (const std::string &words :
	     {status.problem, status.capture_problem, status.fallback, status.no_cuda, status.detour})
		if (!words.empty())
			report += words + "\n";
	// All of it: the doctor names no home folder, but the system may, where it cannot be started.
	return without_home(report + status_json() + "\n" + doctor_.answer());
}

// ---- Hotkeys

void MattingFilter::watch_hotkeys()
{
	if (hotkeys_.needs_update(source_))
		queue_for_ui<&MattingFilter::update_hotkeys>(source_);
	if (hotkeys_.was_pressed(Hotkey::capture_background))
		queue_for_ui<&MattingFilter::capture_background>(source_);
	if (hotkeys_.was_pressed(Hotkey::view))
		queue_for_ui<&MattingFilter::store_next_view>(source_);
	if (hotkeys_.was_pressed(Hotkey::enable))
		queue_for_ui<&MattingFilter::toggle_enabled>(source_);
}

void MattingFilter::toggle_enabled()
{
	obs_source_set_enabled(source_, !obs_source_enabled(source_));
}

} // namespace matting
