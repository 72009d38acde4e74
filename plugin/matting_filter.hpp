// SPDX-License-Identifier: GPL-2.0-or-later
// The filter, and the story of one frame.
//
// Note [Which thread calls us]
// libobs calls update (deferred to the next tick) and video_tick on its graphics thread; video_render there, or wherever
// somebody holds the graphics context, which a tick does not: so that may be at the same time. Properties, buttons and
// missing_files come on the UI thread; the constructor wherever a filter is made; the destructor on libobs's destruction
// thread; a hotkey on the UI thread or libobs's thread for hotkeys. What two of these use is the session, which is safe,
// atomic, or behind the lock of the hotkeys or of the parent.
#pragma once

#include "background_series.hpp"
#include "backdrop.hpp"
#include "file_watch.hpp"
#include "filter_hotkeys.hpp"
#include "filter_parent.hpp"
#include "graphics.hpp"
#include "model_trust.hpp"
#include "overlay.hpp"
#include "removed_filters.hpp"
#include "settings.hpp"
#include "status_words.hpp"

#include "plugin/engine/device_choice.hpp"
#include "plugin/engine/doctor.hpp"
#include "plugin/engine/engine_session.hpp"
#include "plugin/frames/frame_bridge.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <obs-missing-files.h>
#include <obs-module.h>

namespace matting {

/// What the panel was made from.
struct Shown {
	Condition condition;
	int countdown = 0;
	bool knows_devices = false;
	bool asks_before_forgetting = false;
	bool has_numbers = false;
	bool has_other_filters = false, is_off = false, is_hidden = false;
	PictureFlaw picture_flaw = PictureFlaw::none;
};

/// The view that is drawn, and what it counts under: Note [A view that has ended].
struct ShownView {
	uint32_t view = 0; ///< as in a Presentation
	uint32_t number = 0;
};

/// What the UI thread knows of the user's hands, who may hold a control of the panel.
enum class PanelTurn { unknown, asked, held, free };

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
	void set_word(const char *setting, const char *word);

	/// Before the parent goes, or the filter without it.
	void remove_from(obs_source_t *parent);

	// ---- What the user can do. Buttons return true: the panel is to be shown anew.

	/// Cancels a capture that is under way.
	bool capture_background();
	/// The same after so many seconds; while one is under way, nothing.
	void begin_capture(int seconds);
	bool cancel_capture();
	/// Wants to be pressed twice, because it shows the room.
	bool ask_to_forget();
	void forget_background();
	bool use_previous_background();
	bool refresh();
	bool use_bundled_model();
	bool show_diagnostics();
	/// The code in the model's file is run, or not any more.
	bool trust_model();
	void toggle_enabled();

	/// How things stand, as JSON; and for those who help: no paths of the user in it.
	std::string status_json();
	std::string diagnostics();

	/// Tasks for the UI thread.
	void store_background();
	void correct_settings();
	void update_hotkeys() { hotkeys_.update(source_, parent_); }
	void store_next_view();
	void store_view();
	void look_at_filters();
	void use_plate_of_this_size();
	void look_at_controls();
	void tell_states();

private:
	void configure();
	void choose_device();
	void process(obs_source_t *target, obs_source_t *parent);
	void process_hidden();
	void exchange(gs_texture_t *picture);
	void resize(uint32_t width, uint32_t height);
	void make_bridge();
	void make_textures();
	bool render_target(obs_source_t *target, obs_source_t *parent);
	gs_texture_t *straighten();

	void draw(obs_source_t *target, obs_source_t *parent);
	void draw_over_backdrop(gs_texture_t *matte);
	void draw_side_by_side(obs_source_t *target, obs_source_t *parent, gs_texture_t *matte);
	void draw_matte(gs_texture_t *matte) const;
	void draw_overlay();

	bool is_shown() const;
	bool is_off() const { return !obs_source_enabled(source_); }
	void count_down();
	void begin_frames();
	void show_progress();
	int countdown() const;
	void find_newest_background(obs_data_t *settings);
	void begin_series();
	void keep_settings_true();
	Kept kept() const;
	void look_for_removed();
	void use_trust();
	void watch_trust();
	void watch_plate();
	void watch_size();
	void watch_filters();
	static uint32_t new_view_number();
	void choose_view(obs_data_t *settings, Presentation &presentation);
	void watch_view();
	bool asks_before_forgetting() const;
	void watch_hotkeys();
	void add_procedures();
	void notice_state();
	const char *state_name(const Condition &condition) const;

	void refresh_panel();
	bool is_news_for_panel();
	bool is_capturing(State state) const;
	void add_background_group(obs_properties_t *properties, const Status &status);
	void add_more(obs_properties_t *advanced);
	Situation situation() const;

	obs_source_t *const source_;
	Kept saved_; // what OBS was last asked to save; of the UI thread
	BackgroundSeries series_;
	bool has_series_ = false, has_new_series_ = false; // Note [Without memory]
	EngineSession session_;

	FilterParent parent_;
	FilterHotkeys hotkeys_;
	Doctor doctor_;

	// With the graphics context held.
	BridgeMaker bridges_;
	std::unique_ptr<FrameBridge> bridge_;
	Effect effect_;
	gs_eparam_t *effect_image_ = nullptr, *effect_size_ = nullptr;
	TexRender target_;          // as OBS has it: premultiplied
	TexRender straight_;        // as the network wants it: straight, sRGB-encoded
	Presentation presentation_; // written in ticks only
	Backdrop backdrop_;
	int64_t backdrop_number_ = -1; // of the background that it is prepared for
	TexRender nowhere_;            // where a hidden source is drawn
	bool is_drawn_nowhere_ = false;
	uint32_t width_ = 0, height_ = 0;
	bool must_resize_ = false;      // at the next frame
	bool is_on_way_of_cpu_ = false; // the bridge

	// From tick to rendering and back.
	std::atomic<bool> is_new_tick_ = true;
	static constexpr uint64_t hidden_after_ticks = 15;        // and not after a time: OBS may have stood still
	std::atomic<uint64_t> unseen_ticks_ = hidden_after_ticks; // since the last rendering
	std::atomic<uint64_t> usual_ticks_ = 1;                   // from one rendering to the next
	std::atomic<bool> was_hidden_ = false;                    // for longer than usual since the last rendering
	std::atomic<int> overlay_number_ = 0;
	std::atomic<uint32_t> overlay_sign_ = 0; // 1 + a Sign, or none

	// Of the graphics thread.
	Configuration configuration_;
	std::string device_setting_;
	DeviceChoice device_; // of that setting or the one before; empty: not known yet
	int64_t stored_number_ = 0;
	ModelTrust trust_; // any thread
	FileWatch plate_watch_;
	int64_t watched_number_ = -1; // of the background
	uint64_t watched_ns_ = 0;
	uint64_t filters_ns_ = 0; // looked at the filters before this one
	Shown shown_;
	uint64_t shown_ns_ = 0, asked_ns_ = 0;
	uint64_t mattes_before_ = 0;  // the filter began to matte, or to do so by other settings
	uint64_t settled_for_ns_ = 0; // the update that these are of
	std::string_view noticed_state_;
	bool was_capturing_ = false, has_captured_ = false;
	bool was_handed_out_ = true; // by OBS, to anybody: the frame of the last tick
	bool was_on_air_ = false;    // when last asked
	uint32_t view_ticks_ = 0;    // on air, without a view
	uint64_t captures_before_ = 0;
	uint64_t sign_until_ns_ = 0;
	static constexpr size_t tick_steps = 13;
	std::array<bool, tick_steps> has_failed_{}; // each step of the last tick

	std::mutex states_mutex_;
	std::vector<const char *> states_;     // that nobody has heard of yet: Note [Who hears of a state]
	std::atomic<PlateSize> sized_for_{};   // the picture's size, when a plate of that size was last looked for
	std::atomic<uint64_t> updated_ns_ = 0; // the settings
	std::atomic<bool> must_store_ = false; // the settings do not say what is in force
	std::atomic<int> countdown_seconds_ = 0;
	static constexpr uint64_t begins_now = 1;
	std::atomic<uint64_t> capture_at_ns_ = 0; // 0: no capture is to begin
	std::atomic<uint64_t> forget_asked_ns_ = 0;
	std::atomic<uint32_t> filters_before_ = 0; // their fingerprint
	std::atomic<bool> must_look_at_filters_ = false,
			  has_other_filters_ = false; // than the background was captured with
	std::atomic<bool> panel_is_old_ = false;      // it is to be made anew
	std::atomic<PanelTurn> panel_turn_ = PanelTurn::unknown;
	std::atomic<uint64_t> looked_ns_ = 0; // at the user's hands
	std::atomic<bool> plate_is_missing_ = false;
	std::atomic<bool> shows_diagnostics_ = false;
	std::atomic<PictureFlaw> picture_flaw_ = PictureFlaw::none;
	std::atomic<bool> is_looking_ = false; // for what it had before it was removed
	std::atomic<ShownView> view_{};
	std::atomic<double> graphics_milliseconds_ = 0; // of OBS's time for a frame; smoothed
};

/// The description of the filter for libobs.
obs_source_info matting_filter_info();

} // namespace matting
