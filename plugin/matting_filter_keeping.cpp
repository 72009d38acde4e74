// SPDX-License-Identifier: GPL-2.0-or-later
// What is kept of a filter: in its settings, in OBS's file, and when it has been removed.
#include "matting_filter.hpp"
#include "obs_frontend.hpp"
#include "ui_task.hpp"

#include <utility>

#include <obs.hpp>

namespace matting {

// Note [Who writes settings]
// obs_data has no lock, and the UI thread reads it whenever it likes. So settings are written there only, by a task; what is in
// force is in the session, whatever they say meanwhile. OBS's file must say it, too, before OBS crashes: after that the room is
// shown by a filter that has no background, or whose captures nobody finds because their series is not known.
void MattingFilter::store_background()
{
	const Kept now = kept();
	series_.use(now.background.path);
	OBSDataAutoRelease settings = obs_source_get_settings(source_);
	obs_data_set_string(settings, background_setting, now.background.path.c_str());
	obs_data_set_int(settings, number_setting, now.background.number);
	obs_data_set_string(settings, series_setting, now.series.c_str());
	if (const OBSSource parent = parent_.of(source_);
	    std::exchange(saved_, now) != now && !obs_obj_is_private(parent))
		save_scenes();
	look_at_filters();
	panel_is_old_ = true;
}

void MattingFilter::correct_settings()
{
	OBSDataAutoRelease settings = obs_source_get_settings(source_);
	const OBSDataAutoRelease corrections = corrections_of(settings);
	if (!corrections) // the panel has been made in the meantime
		return;
	obs_data_apply(settings, corrections);
	panel_is_old_ = true;
}

void MattingFilter::begin_series()
{
	if (has_series_)
		return;
	series_.begin(saved_.series);
	has_series_ = true;
	has_new_series_ = series_.name() != saved_.series;
	if (has_new_series_)
		must_store_ = true;
}

void MattingFilter::keep_settings_true()
{
	begin_series();
	const int64_t number = session_.condition().background_number;
	if (!must_store_.exchange(false) && number == stored_number_)
		return;
	stored_number_ = number;
	queue_for_ui<&MattingFilter::store_background>(source_);
}

Kept MattingFilter::kept() const
{
	return {session_.background(), series_.name()};
}

// See Note [What a removed filter had].
void MattingFilter::remove_from(obs_source_t *parent)
{
	hotkeys_.remove();
	const OBSSourceAutoRelease held = obs_source_get_ref(parent); // null: it goes, too
	if (held && !is_looking_)
		remember_removed(held, source_, kept());
}

void MattingFilter::look_for_removed()
{
	if (!is_looking_)
		return;
	const OBSSource parent = parent_.of(source_);
	if (!parent)
		return;
	const auto found = take_removed(parent, source_);
	if (found && has_new_series_)
		series_.take(found->series); // unless somebody still holds the removed filter
	if (found && session_.background().path.empty()) {
		configuration_.background = found->background;
		configure();
		must_store_ = true;
	}
	is_looking_ = false;
}

} // namespace matting
