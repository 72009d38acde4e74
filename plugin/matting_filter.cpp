// SPDX-License-Identifier: GPL-2.0-or-later
#include "matting_filter.hpp"

#include "callback.hpp"
#include "settings.hpp"

#include <cmath>
#include <ctime>
#include <filesystem>
#include <random>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <util/platform.h>

namespace matting {
namespace {

constexpr uint32_t capture_frames = 16; // their mean has a quarter of a frame's noise

enum class Drawing { source, matte, nothing };

// Note [Fail closed]
// Until a background was captured the room is shown, so that the user can frame it. From then on, whatever happens to the
// engine, the model, the background's file or the picture's size, only finished mattes are drawn, and else nothing.
Drawing what_to_draw(const Status &status, bool has_matte)
{
	if (!status.has_background)
		return Drawing::source;
	return status.state == State::matting && has_matte ? Drawing::matte : Drawing::nothing;
}

void smooth(std::atomic<double> &average, double value)
{
	average = average == 0 ? value : average + 0.1 * (value - average);
}

// A name that no capture had before.
std::string new_background_path()
{
	const ObsString folder(obs_module_config_path("backgrounds"));
	if (!folder || os_mkdirs(folder.get()) == MKDIR_ERROR)
		throw std::runtime_error(fmt::format(fmt::runtime(obs_module_text("error.no_folder")),
						     folder ? folder.get() : "plugin_config"));
	return fmt::format("{}/{:%Y-%m-%d_%H-%M-%S}_{:08x}.png", folder.get(), fmt::localtime(std::time(nullptr)),
			   std::random_device{}());
}

} // namespace

MattingFilter::MattingFilter(obs_data_t *settings, obs_source_t *source) : source_(source)
{
	update(settings);
}

MattingFilter::~MattingFilter()
{
	const GraphicsLock lock;
	bridge_.reset();
	effect_.reset();
	target_.reset();
	straight_.reset();
}

void MattingFilter::update(obs_data_t *settings)
{
	store_captured(); // else these settings would undo a capture that has just ended
	// Only the button forgets: "Defaults", or undoing what was before the capture, must not show the room.
	if (!is_forgetting_.exchange(false) && !*obs_data_get_string(settings, background_setting))
		obs_data_set_string(settings, background_setting, background_.c_str());
	background_ = obs_data_get_string(settings, background_setting);
	session_.configure(read_settings(settings));
}

// ---- One frame

void MattingFilter::video_tick(float seconds)
{
	smooth(frame_milliseconds_, 1000.0 * seconds);
	store_captured();
	refresh_panel();
	is_processed_ = false;
	if (!is_rendered_ && bridge_) {
		// Hidden: a matte from before must not flash up when it is shown again.
		session_.forget_frames();
		bridge_->reset();
	}
	is_rendered_ = false;
}

void MattingFilter::video_render(gs_effect_t *)
{
	obs_source_t *target = obs_filter_get_target(source_);
	obs_source_t *parent = obs_filter_get_parent(source_);
	if (!target || !parent)
		return;
	is_rendered_ = true;
	if (!is_processed_) {
		is_processed_ = true;
		process(target, parent);
	}
	gs_texture_t *matte = bridge_ ? bridge_->matte() : nullptr;
	switch (what_to_draw(session_.status(), matte)) {
	case Drawing::source:
		obs_source_skip_video_filter(source_);
		break;
	case Drawing::matte:
		draw_matte(matte);
		break;
	case Drawing::nothing:
		break;
	}
}

void MattingFilter::process(obs_source_t *target, obs_source_t *parent)
{
	const uint32_t width = obs_source_get_base_width(target), height = obs_source_get_base_height(target);
	if (width != width_ || height != height_)
		resize(width, height);
	if (!bridge_)
		return;
	if (!session_.wants_frames())
		return bridge_->reset();
	render_target(target, parent);
	const uint64_t begin = os_gettime_ns();
	if (gs_texture_t *picture = straighten())
		bridge_->exchange(picture, session_);
	smooth(graphics_milliseconds_, static_cast<double>(os_gettime_ns() - begin) / 1e6);
}

void MattingFilter::resize(uint32_t width, uint32_t height)
{
	width_ = width;
	height_ = height;
	bridge_.reset();
	session_.resize(width, height);
	if (!session_.has_frames())
		return;
	if (!effect_) {
		const ObsString path(obs_module_file("effects/straighten.effect"));
		effect_.reset(path ? gs_effect_create_from_file(path.get(), nullptr) : nullptr);
		if (!effect_)
			throw std::runtime_error(
				"effects/straighten.effect is missing or damaged: install the plugin again");
		effect_image_ = gs_effect_get_param_by_name(effect_.get(), "image");
		target_.reset(gs_texrender_create(GS_RGBA, GS_ZS_NONE));
		straight_.reset(gs_texrender_create(GS_RGBA_UNORM, GS_ZS_NONE));
	}
	bridge_ = make_cpu_bridge(width, height);
}

// As libobs itself renders what a filter is on.
void MattingFilter::render_target(obs_source_t *target, obs_source_t *parent)
{
	gs_texrender_reset(target_.get());
	const LinearLight light(gs_framebuffer_srgb_enabled());
	const BlendState blend(GS_BLEND_SRCALPHA, GS_BLEND_ZERO, GS_BLEND_ONE, GS_BLEND_ZERO);
	if (!gs_texrender_begin_with_color_space(target_.get(), width_, height_, GS_CS_SRGB))
		return;
	vec4 transparent;
	vec4_zero(&transparent);
	gs_clear(GS_CLEAR_COLOR, &transparent, 0.0f, 0);
	gs_ortho(0.0f, static_cast<float>(width_), 0.0f, static_cast<float>(height_), -100.0f, 100.0f);
	const uint32_t flags = obs_source_get_output_flags(target);
	if (target == parent && !(flags & OBS_SOURCE_CUSTOM_DRAW) && !(flags & OBS_SOURCE_ASYNC))
		obs_source_default_render(target);
	else
		obs_source_video_render(target);
	gs_texrender_end(target_.get());
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
	while (gs_effect_loop(effect_.get(), "Draw"))
		gs_draw_sprite(picture, 0, width_, height_);
	gs_texrender_end(straight_.get());
	return gs_texrender_get_texture(straight_.get());
}

// Always in linear light: the only way that looks the same alone, beside other filters and under a scale filter.
void MattingFilter::draw_matte(gs_texture_t *matte) const
{
	gs_effect_t *effect = obs_get_base_effect(OBS_EFFECT_DEFAULT);
	const LinearLight light(/*encode=*/true);
	const BlendState blend(GS_BLEND_SRCALPHA, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
	gs_effect_set_texture_srgb(gs_effect_get_param_by_name(effect, "image"), matte);
	while (gs_effect_loop(effect, "Draw"))
		gs_draw_sprite(matte, 0, width_, height_);
}

// ---- Background

bool MattingFilter::capture_background()
{
	capture_problem_.clear();
	try {
		session_.capture(new_background_path(), capture_frames);
	} catch (const std::exception &error) {
		capture_problem_ = error.what();
	}
	return true;
}

bool MattingFilter::forget_background()
{
	obs_data_t *settings = obs_source_get_settings(source_);
	is_forgetting_ = true;
	obs_data_set_string(settings, background_setting, "");
	obs_source_update(source_, nullptr);
	obs_data_release(settings);
	return true;
}

void MattingFilter::store_captured()
{
	const auto path = session_.take_captured();
	if (!path)
		return;
	obs_data_t *settings = obs_source_get_settings(source_);
	obs_data_set_string(settings, background_setting, path->c_str());
	obs_data_release(settings);
	background_ = *path;
}

static void replace_file(void *source, const char *setting, const char *path)
{
	obs_data_t *settings = obs_data_create();
	obs_data_set_string(settings, setting, path);
	obs_source_update(static_cast<obs_source_t *>(source), settings);
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
	add_if_missing(background_setting,
		       [](void *source, const char *path, void *) { replace_file(source, background_setting, path); });
	add_if_missing(model_setting,
		       [](void *source, const char *path, void *) { replace_file(source, model_setting, path); });
	obs_data_release(settings);
	return files;
}

// ---- For libobs

// libobs may ask what the settings of a filter would be before there is one.
static obs_properties_t *panel_without_filter()
{
	obs_properties_t *properties = obs_properties_create();
	add_setting_properties(properties);
	return properties;
}

obs_source_info matting_filter_info()
{
	obs_source_info info = {};
	info.id = "background_matting";
	info.type = OBS_SOURCE_TYPE_FILTER;
	info.output_flags = OBS_SOURCE_VIDEO | OBS_SOURCE_SRGB;
	info.get_name = [](void *) {
		return obs_module_text("name");
	};
	info.create = [](obs_data_t *settings, obs_source_t *source) -> void * {
		try {
			return new MattingFilter(settings, source);
		} catch (const std::exception &error) {
			log_exception(error);
			return nullptr;
		}
	};
	info.destroy = [](void *filter) {
		delete static_cast<MattingFilter *>(filter);
	};
	info.get_defaults = set_defaults;
	info.get_properties = [](void *filter) {
		return filter ? callback<&MattingFilter::properties>(filter) : panel_without_filter();
	};
	info.update = callback<&MattingFilter::update>;
	info.video_tick = callback<&MattingFilter::video_tick>;
	info.video_render = callback<&MattingFilter::video_render>;
	info.missing_files = callback<&MattingFilter::missing_files>;
	info.video_get_color_space = [](void *, size_t, const gs_color_space *) {
		return GS_CS_SRGB;
	};
	return info;
}

} // namespace matting
