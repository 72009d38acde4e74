// SPDX-License-Identifier: GPL-2.0-or-later
#include "matting_filter.hpp"

#include "callback.hpp"
#include "smooth.hpp"
#include "text.hpp"
#include "ui_task.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <util/platform.h>

namespace matting {
namespace {

void require_possible(uint32_t width, uint32_t height)
{
	if (std::min(width, height) < min_dimension || std::max(width, height) > max_dimension)
		throw std::runtime_error(
			text("error.size", width, height, min_dimension, min_dimension, max_dimension, max_dimension));
}

} // namespace

// Note [Without memory]
// libobs draws the source without a filter that could not be made. So the background comes first: whatever fails from here on, the
// room is not shown. What is missing then is made up for in a tick.
MattingFilter::MattingFilter(obs_data_t *settings, obs_source_t *source)
	: source_(source), saved_{read_background(settings), obs_data_get_string(settings, series_setting)},
	  hotkeys_(series_)
{
	session_.begin(saved_.background);
	view_ = {0, new_view_number()};
	obs_data_unset_user_value(settings, view_setting); // a view that shows the room is not for the next start
	obs_data_set_int(settings, view_number_setting, view_.load().number);
	callback<&MattingFilter::find_newest_background>(this, settings);
	is_looking_ = !session_.condition().has_background;
	add_procedures();
	try {
		update(settings);
	} catch (const std::exception &error) {
		log_exception(error);
		obs_source_update(source_, nullptr);
	}
}

void MattingFilter::find_newest_background(obs_data_t *settings)
{
	begin_series();
	// Now, so that what is saved before the first tick, for a redo perhaps, finds the captures again.
	obs_data_set_string(settings, series_setting, series_.name().c_str());
	Background background = saved_.background;
	background.path = BackgroundSeries::now_at(background.path);
	obs_data_set_string(settings, background_setting, background.path.c_str());
	if (const auto newest = series_.newest_after(background.number))
		background = {newest->first, newest->second};
	session_.begin(background);
}

MattingFilter::~MattingFilter()
{
	hotkeys_.remove();
	const GraphicsLock lock;
	bridge_.reset();
	backdrop_ = {};
	nowhere_.reset();
	effect_.reset();
	target_.reset();
	straight_.reset();
}

void MattingFilter::update(obs_data_t *settings)
{
	countdown_seconds_ = read_countdown(settings);
	updated_ns_ = os_gettime_ns();
	configuration_ = read_settings(settings);
	trust_.look(configuration_.execution == Execution::scripted ? obs_data_get_string(settings, model_setting)
								    : "");
	use_trust();
	if (corrections_of(settings))
		queue_for_ui<&MattingFilter::correct_settings>(source_);
	Presentation presentation = read_presentation(settings);
	choose_view(settings, presentation);
	{
		const GraphicsLock lock;
		presentation_ = presentation;
		backdrop_number_ = -1;
	}
	const Background stored = configuration_.background, in_force = session_.background();
	if (stored.path == in_force.path)
		configuration_.background = in_force; // whatever number a script has written
	if (device_setting_ != configuration_.device) {
		device_setting_ = configuration_.device; // chosen at the next tick; the one of before serves until then
		if (device_setting_ != "cpu" && is_cuda_engine_installed())
			find_cuda();
	}
	configure();
	if (stored != session_.background() || series_.name() != obs_data_get_string(settings, series_setting))
		must_store_ = true;
}

void MattingFilter::configure()
{
	configuration_.device_setting = device_.setting;
	configuration_.device = device_.device;
	configuration_.no_cuda = device_.reason;
	session_.configure(configuration_);
	configuration_.background = session_.background();
}

void MattingFilter::use_trust()
{
	if (configuration_.execution != Execution::fast)
		configuration_.execution = trust_.holds() ? Execution::code : Execution::scripted;
}

void MattingFilter::watch_trust()
{
	if (!trust_.has_changed())
		return;
	use_trust();
	configure();
	panel_is_old_ = true;
}

void MattingFilter::choose_device()
{
	if (device_.setting == device_setting_)
		return;
	const auto choice = matting::choose_device(device_setting_);
	if (!choice)
		return;
	device_ = *choice;
	configure();
}

// ---- One frame

// What the pictures need comes first. A step that fails stops no other one, and is logged when it begins to.
void MattingFilter::video_tick(float)
{
	is_new_tick_ = true;
	size_t number = 0;
	const auto step = [&](const auto &work) {
		bool &has_failed = has_failed_.at(number++);
		try {
			work();
			has_failed = false;
		} catch (const std::exception &error) {
			if (!std::exchange(has_failed, true))
				log_exception(error);
		}
	};
	step([this] { session_.tick(); });
	step([this] { choose_device(); });
	step([this] { parent_.look(source_); });
	step([this] { look_for_removed(); });
	step([this] { watch_view(); });
	step([this] { watch_hotkeys(); });
	step([this] { count_down(); });
	step([this] { keep_settings_true(); });
	step([this] { watch_trust(); });
	step([this] { watch_plate(); });
	step([this] { watch_filters(); });
	step([this] { notice_state(); });
	step([this] { refresh_panel(); });
	if (unseen_ticks_++ == 0)
		return;
	if (presentation_.keeps_running && !is_off() && session_.condition().has_background)
		process_hidden();
	else if (!is_shown() || unseen_ticks_ > 2 * usual_ticks_) // others draw it less often than OBS does
		was_hidden_ = true;
}

// As if somebody had a use for the source: only so are the filters below this one drawn, too.
void MattingFilter::process_hidden()
{
	const OBSSource parent = parent_.of(source_);
	if (!parent)
		return;
	const GraphicsLock lock;
	if (!nowhere_)
		nowhere_.reset(gs_texrender_create(GS_RGBA, GS_ZS_NONE));
	gs_texrender_reset(nowhere_.get());
	if (!gs_texrender_begin(nowhere_.get(), 1, 1))
		return;
	is_drawn_nowhere_ = true;
	obs_source_video_render(parent);
	is_drawn_nowhere_ = false;
	gs_texrender_end(nowhere_.get());
}

void MattingFilter::video_render(gs_effect_t *)
{
	obs_source_t *target = obs_filter_get_target(source_);
	obs_source_t *parent = obs_filter_get_parent(source_);
	if (!target || !parent)
		return;
	if (is_drawn_nowhere_) {
		if (is_new_tick_.exchange(false))
			process(target, parent);
		return;
	}
	if (const uint64_t ticks = unseen_ticks_.exchange(0))
		usual_ticks_ = std::min(ticks, hidden_after_ticks);
	if (was_hidden_.exchange(false) && bridge_) {
		// A matte from before must not flash up now that it is shown again.
		session_.forget_frames();
		bridge_->reset();
	}
	if (is_new_tick_.exchange(false))
		process(target, parent);
	draw(target, parent);
}

void MattingFilter::process(obs_source_t *target, obs_source_t *parent)
{
	const uint32_t width = obs_source_get_base_width(target), height = obs_source_get_base_height(target);
	if (width != width_ || height != height_ || must_resize_ || session_.needs_memory())
		resize(width, height);
	if (!bridge_)
		return;
	watch_size();
	if (!session_.wants_frames())
		return bridge_->reset();
	gs_texture_t *picture = nullptr;
	const bool is_rendered = render_target(target, parent);
	const uint64_t begin = os_gettime_ns();
	if (is_rendered)
		picture = straighten();
	if (!picture)
		return bridge_->reset();
	exchange(picture);
	if (bridge_ && bridge_->matte())
		session_.note_drawn();
	smooth(graphics_milliseconds_, static_cast<double>(os_gettime_ns() - begin) / 1e6);
}

void MattingFilter::exchange(gs_texture_t *picture)
try {
	bridge_->exchange(picture, session_);
} catch (const std::exception &error) {
	log_exception(error);
	bridge_.reset();
	if (is_on_way_of_cpu_) // there is no other one
		session_.cannot_share(width_, height_, words_of(error));
	else
		session_.object(words_of(error));
}

// Makes what depends on the size and on the engine's device.
void MattingFilter::resize(uint32_t width, uint32_t height)
try {
	width_ = width;
	height_ = height;
	bridge_.reset();
	must_resize_ = false;
	if (width == 0 || height == 0) // a camera that has not opened yet
		return session_.wait_for_picture();
	if (session_.is_opening_frames()) { // of a size of just before
		must_resize_ = true;
		return;
	}
	require_possible(width, height);
	make_textures();
	make_bridge();
} catch (const std::exception &error) {
	session_.cannot_share(width, height, words_of(error));
}

void MattingFilter::make_bridge()
{
	const std::string device = session_.device();
	BridgeChoice choice = bridges_.make(device, width_, height_, session_.objection());
	bridge_ = std::move(choice.bridge);
	is_on_way_of_cpu_ = !device.starts_with("cuda") || !choice.reason.empty();
	if (bridge_)
		session_.share(width_, height_, bridge_->memory(), choice.reason);
	else
		must_resize_ = true;
}

} // namespace matting
