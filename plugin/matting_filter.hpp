// SPDX-License-Identifier: GPL-2.0-or-later
// The filter, and the story of one frame.
//
// Note [Which thread calls us]
// libobs calls update (deferred to the next tick) and video_tick on its graphics thread; video_render there, or wherever
// somebody holds the graphics context, which a tick does not: so that may be at the same time. Properties, buttons and
// missing_files come on the UI thread; the constructor wherever a filter is made; the destructor on libobs's destruction
// thread; a hotkey on the UI thread or libobs's thread for hotkeys. What two of these use is the session, which is safe,
// atomic, or behind the lock of the hotkey.
#pragma once

#include "background_series.hpp"
#include "graphics.hpp"

#include "plugin/engine/device_choice.hpp"
#include "plugin/engine/engine_session.hpp"
#include "plugin/frames/frame_bridge.hpp"

#include <atomic>
#include <memory>
#include <mutex>
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
	bool asks_before_forgetting = false;
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

	/// Buttons, the first a hotkey as well; true: the panel is to be shown anew. The first cancels a capture that is
	/// under way; the second wants to be pressed twice, because it shows the room.
	bool capture_background();
	bool forget_background();

	/// Tasks for the UI thread.
	void store_background();
	void register_hotkey();

private:
	void configure();
	void choose_device();
	void process(obs_source_t *target, obs_source_t *parent);
	void exchange(gs_texture_t *picture);
	void resize(uint32_t width, uint32_t height);
	void make_bridge();
	void make_textures();
	bool render_target(obs_source_t *target, obs_source_t *parent);
	gs_texture_t *straighten();
	void draw_matte(gs_texture_t *matte) const;
	bool is_shown() const;
	void count_down();
	int countdown() const;
	void keep_settings_true();
	bool asks_before_forgetting() const;
	void watch_hotkey();
	bool needs_hotkey(obs_source_t *parent, const char *name) const;
	void replace_hotkey(obs_hotkey_id added, obs_source_t *unless_removed_from);
	void refresh_panel();
	bool is_capturing(State state) const;
	void add_status(obs_properties_t *properties, const Status &status) const;
	std::string state_text(const Status &status) const;
	std::string status_text(const Status &status) const;

	obs_source_t *const source_;
	const BackgroundSeries series_;
	EngineSession session_;

	// With the graphics context held.
	std::unique_ptr<FrameBridge> bridge_;
	Effect effect_;
	gs_eparam_t *effect_image_ = nullptr, *effect_size_ = nullptr;
	TexRender target_;   // as OBS has it: premultiplied
	TexRender straight_; // as the network wants it: straight, sRGB-encoded
	uint32_t width_ = 0, height_ = 0;

	// From tick to rendering and back.
	std::atomic<bool> is_new_tick_ = true;
	std::atomic<bool> is_rendered_ = false; // since the last tick
	std::atomic<bool> was_hidden_ = false;  // in a tick since the last rendering
	std::atomic<uint64_t> rendered_ns_ = 0;

	// Of the graphics thread.
	Configuration configuration_;
	std::string device_setting_;
	DeviceChoice device_; // of that setting or the one before; empty: not known yet
	int64_t stored_number_ = 0;
	Shown shown_;
	uint64_t shown_ns_ = 0;

	std::mutex hotkey_mutex_; // of these:
	obs_hotkey_id hotkey_ = OBS_INVALID_HOTKEY_ID;
	obs_source_t *hotkey_parent_ = nullptr; // to compare with
	obs_source_t *removed_from_ = nullptr;  // a parent that libobs may still name; to compare with
	std::string hotkey_name_;
	bool is_hotkey_queued_ = false;

	std::atomic<bool> must_store_ = false; // the settings do not say what is in force
	std::atomic<int> countdown_seconds_ = 0;
	std::atomic<uint64_t> capture_at_ns_ = 0; // 0: no capture is to begin
	std::atomic<uint64_t> forget_asked_ns_ = 0;
	std::atomic<double> graphics_milliseconds_ = 0; // of OBS's time for a frame; smoothed
	std::atomic<double> frame_milliseconds_ = 0;    // between two ticks; smoothed
};

/// The description of the filter for libobs.
obs_source_info matting_filter_info();

} // namespace matting
