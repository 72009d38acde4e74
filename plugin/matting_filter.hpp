// SPDX-License-Identifier: GPL-2.0-or-later
// The filter, and the story of one frame.
//
// Note [Which thread calls us]
// libobs calls update (deferred to the next tick), video_tick and video_render on its graphics thread, the last with the
// graphics context held; properties, buttons and missing_files on the UI thread; the constructor wherever a filter is
// made; the destructor on its destruction thread; a hotkey on the UI thread or libobs's thread for hotkeys. What these use
// is the session, which is safe, and atomics.
#pragma once

#include "graphics.hpp"

#include "plugin/engine/device_choice.hpp"
#include "plugin/engine/engine_session.hpp"
#include "plugin/frames/frame_bridge.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include <obs-missing-files.h>
#include <obs-module.h>

namespace matting {

/// What the panel was made from.
struct Shown {
	Condition condition;
	int countdown = 0;
	bool knows_devices = false;
};

class MattingFilter {
public:
	MattingFilter(obs_data_t *settings, obs_source_t *source);
	~MattingFilter();
	MattingFilter(const MattingFilter &) = delete;
	MattingFilter &operator=(const MattingFilter &) = delete;

	void update(obs_data_t *settings);
	void video_tick(float seconds);
	void video_render(gs_effect_t *effect);
	obs_properties_t *properties();
	obs_missing_files_t *missing_files();
	void replace_file(const char *setting, const char *path);

	/// Before the parent goes; the destructor does it, too.
	void unregister_hotkey();

	/// Buttons, the first a hotkey as well; true: the panel is to be shown anew.
	bool capture_background();
	bool forget_background();

private:
	void configure();
	void choose_device();
	void process(obs_source_t *target, obs_source_t *parent);
	void exchange(gs_texture_t *picture);
	void resize(uint32_t width, uint32_t height);
	void make_textures();
	void render_target(obs_source_t *target, obs_source_t *parent);
	gs_texture_t *straighten();
	void draw_matte(gs_texture_t *matte) const;
	void store_captured();
	void register_hotkey();
	void count_down();
	int countdown() const;
	void refresh_panel();
	std::string state_text(const Status &status) const;
	std::string status_text(const Status &status) const;

	obs_source_t *const source_;
	EngineSession session_;
	std::unique_ptr<FrameBridge> bridge_;
	Effect effect_;
	gs_eparam_t *effect_image_ = nullptr, *effect_size_ = nullptr;
	TexRender target_;   // as OBS has it: premultiplied
	TexRender straight_; // as the network wants it: straight, sRGB-encoded
	std::atomic<bool> is_forgetting_ = false;
	uint32_t width_ = 0, height_ = 0;
	bool is_processed_ = false; // in this tick
	bool is_rendered_ = false;  // since the last tick
	Configuration configuration_;
	std::string device_setting_;
	DeviceChoice device_; // of that setting or the one before; empty: not known yet
	obs_hotkey_id hotkey_ = OBS_INVALID_HOTKEY_ID;
	obs_source_t *hotkey_parent_ = nullptr; // to compare with
	std::string hotkey_name_;
	std::atomic<int> countdown_seconds_ = 0;
	std::atomic<uint64_t> capture_at_ns_ = 0; // 0: no capture is to begin
	Shown shown_;
	uint64_t shown_ns_ = 0;
	std::atomic<double> graphics_milliseconds_ = 0; // of OBS's time for a frame; smoothed
	std::atomic<double> frame_milliseconds_ = 0;    // between two ticks; smoothed
};

/// The description of the filter for libobs.
obs_source_info matting_filter_info();

} // namespace matting
