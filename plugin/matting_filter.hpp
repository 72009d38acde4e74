// SPDX-License-Identifier: GPL-2.0-or-later
// The filter, and the story of one frame.
//
// Note [Which thread calls us]
// libobs calls update (deferred to the next tick), video_tick and video_render on its graphics thread, the last with the
// graphics context held; properties, buttons and missing_files on the UI thread; the constructor wherever a filter is
// made; the destructor on its destruction thread. What the UI thread uses is the session, which is safe, and atomics.
#pragma once

#include "engine_session.hpp"
#include "frame_bridge.hpp"
#include "graphics.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include <obs-missing-files.h>
#include <obs-module.h>

namespace matting {

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

	/// Buttons; true: the panel is to be shown anew.
	bool capture_background();
	bool forget_background();

private:
	void process(obs_source_t *target, obs_source_t *parent);
	void resize(uint32_t width, uint32_t height);
	void render_target(obs_source_t *target, obs_source_t *parent);
	gs_texture_t *straighten();
	void draw_matte(gs_texture_t *matte) const;
	void store_captured();
	void refresh_panel();
	std::string status_text(const Status &status) const;

	obs_source_t *const source_;
	EngineSession session_;
	std::unique_ptr<FrameBridge> bridge_;
	Effect effect_;
	gs_eparam_t *effect_image_ = nullptr;
	TexRender target_;       // as OBS has it: premultiplied
	TexRender straight_;     // as the network wants it: straight, sRGB-encoded
	std::string background_; // path; empty: none was captured
	std::atomic<bool> is_forgetting_ = false;
	uint32_t width_ = 0, height_ = 0;
	bool is_processed_ = false; // in this tick
	bool is_rendered_ = false;  // since the last tick
	State shown_state_ = State::starting;
	std::string shown_problem_;
	std::atomic<double> graphics_milliseconds_ = 0; // of OBS's time for a frame; smoothed
	std::atomic<double> frame_milliseconds_ = 0;    // between two ticks; smoothed
	std::string capture_problem_;                   // UI thread only
};

/// The description of the filter for libobs.
obs_source_info matting_filter_info();

} // namespace matting
