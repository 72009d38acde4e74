// SPDX-License-Identifier: GPL-2.0-or-later
// What is drawn for the user to look at, and is not for the audience.
#include "matting_filter.hpp"
#include "overlay.hpp"
#include "ui_task.hpp"

#include <utility>

#include <obs.hpp>

namespace matting {

// Note [A view that has ended]
// OBS's undo and redo bring all settings of before back, and among them a view that shows the room, while that would be on air. So
// a view counts only together with the filter's present number, which no filter had before; it is another one when a stream or a
// recording begins, and when a view ends meanwhile. Who chooses a view writes the view alone: the number is there already.

uint32_t MattingFilter::new_view_number()
{
	static std::atomic<uint32_t> last = 0;
	return ++last;
}

// From the settings.
void MattingFilter::choose_view(obs_data_t *settings, Presentation &presentation)
{
	const ShownView before = view_;
	const bool is_of_before = read_view_number(settings) != before.number;
	if (is_of_before) {
		configuration_.view = View::result;
		presentation.view = 0;
	}
	const bool ends = before.view != 0 && presentation.view == 0 && is_on_air();
	view_ = {static_cast<uint32_t>(presentation.view), ends ? new_view_number() : before.number};
	if (is_of_before || ends)
		queue_for_ui<&MattingFilter::store_view>(source_);
}

// What is in force: a view that was chosen since, and before the number was there, is of before.
void MattingFilter::store_view()
{
	const ShownView now = view_;
	OBSDataAutoRelease settings = obs_source_get_settings(source_);
	if (obs_data_get_string(settings, view_setting) != std::string(view_name(now.view)))
		panel_is_old_ = true;
	obs_data_set_string(settings, view_setting, view_name(now.view));
	obs_data_set_int(settings, view_number_setting, now.number);
}

// What was chosen to be looked at, and forgotten, ends when the stream or a recording begins: with the first frame that libobs
// hands out, if it hands out none yet. Its output is active only after that. What is chosen then stays.
void MattingFilter::watch_view()
{
	constexpr uint32_t seldom = 15; // ticks: to ask costs locks
	const bool was_handed_out = std::exchange(was_handed_out_, obs_video_active());
	const bool must_ask = view_.load().view != 0 || !was_on_air_ || view_ticks_++ % seldom == 0;
	const bool was_on_air = must_ask ? std::exchange(was_on_air_, was_handed_out_ && is_on_air()) : was_on_air_;
	if ((was_handed_out || !was_handed_out_) && (was_on_air || !was_on_air_))
		return;
	view_ = {0, new_view_number()};
	{
		const GraphicsLock lock;
		presentation_.view = 0;
	}
	configuration_.view = View::result;
	configure();
	queue_for_ui<&MattingFilter::store_view>(source_);
}

// On air a key is pressed by accident: then it only goes back to the result.
void MattingFilter::store_next_view()
{
	OBSDataAutoRelease settings = obs_source_get_settings(source_);
	set_word(view_setting, view_name(is_on_air() ? 0 : (read_presentation(settings).view + 1) % view_count));
	panel_is_old_ = true;
}

} // namespace matting
