// SPDX-License-Identifier: GPL-2.0-or-later
#include "matting_filter.hpp"

#include "callback.hpp"
#include "drawing.hpp"
#include "smooth.hpp"
#include "text.hpp"

#include <algorithm>
#include <stdexcept>

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

// First the background: whatever fails from here on, the room is not shown.
MattingFilter::MattingFilter(obs_data_t *settings, obs_source_t *source)
	: source_(source), series_(obs_data_get_string(settings, series_setting)), hotkeys_(series_.name())
{
	obs_data_unset_user_value(settings, view_setting); // a view that shows the room is not for the next start
	// Now, so that what is saved before the first tick, for a redo perhaps, finds the captures again.
	obs_data_set_string(settings, series_setting, series_.name().c_str());
	Background background{obs_data_get_string(settings, background_setting),
			      obs_data_get_int(settings, number_setting)};
	background.path = BackgroundSeries::now_at(background.path);
	obs_data_set_string(settings, background_setting, background.path.c_str());
	if (const auto newest = series_.newest_after(background.number))
		background = {newest->first, newest->second};
	session_.begin(background);
	add_procedures();
	callback<&MattingFilter::update>(this, settings);
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
	Presentation presentation = read_presentation(settings);
	if (view_has_ended_) {
		configuration_.view = View::result;
		presentation.view = 0;
	}
	{
		const GraphicsLock lock;
		presentation_ = presentation;
		backdrop_number_ = -1;
	}
	shows_view_ = presentation_.view != 0;
	const Background stored = configuration_.background;
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

void MattingFilter::video_tick(float)
{
	choose_device();
	parent_.look(source_);
	watch_hotkeys();
	count_down();
	session_.tick();
	keep_settings_true();
	watch_plate();
	watch_filters();
	watch_view();
	tell_state();
	refresh_panel();
	is_new_tick_ = true;
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
	BridgeChoice choice = choose_bridge(session_.device(), width_, height_, session_.objection());
	bridge_ = std::move(choice.bridge);
	if (bridge_)
		session_.share(width_, height_, bridge_->memory(), choice.reason);
	else
		must_resize_ = true;
}

void MattingFilter::make_textures()
{
	if (effect_)
		return;
	const ObsString path(obs_module_file("effects/alpha.effect"));
	effect_.reset(path ? gs_effect_create_from_file(path.get(), nullptr) : nullptr);
	if (!effect_)
		throw std::runtime_error(text("error.no_effect"));
	effect_image_ = gs_effect_get_param_by_name(effect_.get(), "image");
	effect_size_ = gs_effect_get_param_by_name(effect_.get(), "size");
	target_.reset(gs_texrender_create(GS_RGBA, GS_ZS_NONE));
	straight_.reset(gs_texrender_create(GS_RGBA_UNORM, GS_ZS_NONE));
}

bool MattingFilter::render_target(obs_source_t *target, obs_source_t *parent)
{
	gs_texrender_reset(target_.get());
	const LinearLight light(gs_framebuffer_srgb_enabled());
	const BlendState blend(GS_BLEND_SRCALPHA, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
	if (!gs_texrender_begin_with_color_space(target_.get(), width_, height_, GS_CS_SRGB))
		return false;
	vec4 transparent;
	vec4_zero(&transparent);
	gs_clear(GS_CLEAR_COLOR, &transparent, 0.0f, 0);
	gs_ortho(0.0f, static_cast<float>(width_), 0.0f, static_cast<float>(height_), -100.0f, 100.0f);
	draw_source(target, parent);
	gs_texrender_end(target_.get());
	return true;
}

gs_texture_t *MattingFilter::straighten()
{
	gs_texture_t *picture = gs_texrender_get_texture(target_.get());
	if (!picture)
		return nullptr;
	gs_texrender_reset(straight_.get());
	const LinearLight light(/*encode=*/false); // the effect encodes by itself
	const BlendState blend(GS_BLEND_ONE, GS_BLEND_ZERO, GS_BLEND_ONE, GS_BLEND_ZERO);
	if (!gs_texrender_begin(straight_.get(), width_, height_))
		return nullptr;
	gs_ortho(0.0f, static_cast<float>(width_), 0.0f, static_cast<float>(height_), -100.0f, 100.0f);
	gs_effect_set_texture_srgb(effect_image_, picture);
	while (gs_effect_loop(effect_.get(), "Straighten"))
		gs_draw_sprite(picture, 0, width_, height_);
	gs_texrender_end(straight_.get());
	return gs_texrender_get_texture(straight_.get());
}

} // namespace matting
