// SPDX-License-Identifier: GPL-2.0-or-later
// The filter's settings: obs_data and obs_properties on one side, Configuration and the options table on the other.
#pragma once

#include "plugin/engine/engine_session.hpp"

#include <array>
#include <functional>
#include <string>

#include <obs-module.h>
#include <obs.hpp>

namespace matting {

inline constexpr const char *background_setting = "background";
inline constexpr const char *number_setting = "background_number"; // how often it was captured, chosen or forgotten
inline constexpr int64_t highest_number = int64_t{1} << 53;        // of a background; above, JSON's are not exact
inline constexpr const char *series_setting = "background_series"; // see BackgroundSeries
inline constexpr const char *model_setting = "model";
inline constexpr const char *countdown_setting = "capture_countdown"; // seconds
inline constexpr const char *view_setting = "view";
inline constexpr const char *view_number_setting = "view_number"; // see Note [A view that has ended]
inline constexpr const char *behind_picture_setting = "behind_picture";
inline constexpr const char *not_ready_picture_setting = "not_ready_picture";
inline constexpr const char *advanced_setting = "advanced";
inline constexpr const char *executor_setting = "executor";
inline constexpr const char *threads_setting = "threads";
inline constexpr const char *diagnostics_setting = "diagnostics";

/// What the filter draws behind the person, or alone while it has nothing else. Words and enumerators in the same order.
enum class Behind { nothing, blurred, picture, colour };
inline constexpr std::array behind_names{"nothing", "blurred", "picture", "colour"};
inline constexpr size_t not_ready_count = 3; // of these: no colour

inline constexpr std::array executor_names{"fast", "scripted"};
inline constexpr int most_offered_threads = 64;

/// Views that the engine does not make.
inline constexpr std::array extra_view_names{"plate", "side_by_side"};
inline constexpr size_t view_count = view_names.size() + extra_view_names.size();
inline const char *view_name(size_t view)
{
	return view < view_names.size() ? view_names[view] : extra_view_names[view - view_names.size()];
}

/// In percent of the width. With less than the least, what is blurred could be recognised.
inline constexpr double least_blur = 0.5, most_blur = 5;

/// What is drawn of the matte, and how. Compared and copied as it is.
struct Presentation {
	Behind behind = Behind::nothing, not_ready = Behind::nothing;
	std::string behind_picture, not_ready_picture; ///< paths
	uint32_t behind_colour = 0;                    ///< 0xAABBGGRR
	double behind_blur = 0;                        ///< percent of the width
	bool keeps_running = false;                    ///< while hidden
	size_t view = 0;                               ///< in the engine's views, and then the others
};

/// And corrects what is there before.
void set_defaults(obs_data_t *settings);
/// What is in force of those settings that say something else; null: there are none. See Note [A setting of another type].
OBSDataAutoRelease corrections_of(obs_data_t *settings);

/// Without a number, if that is out of range.
Background read_background(obs_data_t *settings);
/// An empty `model` stands for the bundled one; no code is run: see ModelTrust. Other numbers out of range are brought into it.
Configuration read_settings(obs_data_t *settings);
Presentation read_presentation(obs_data_t *settings);
/// What is no device is automatic.
std::string read_device(obs_data_t *settings);
uint32_t read_threads(obs_data_t *settings);
/// 0: there is none.
uint32_t read_view_number(obs_data_t *settings);
/// Seconds until a capture begins.
int read_countdown(obs_data_t *settings);

// ---- The controls, group by group; each row of the options table has one

void add_quality(obs_properties_t *properties);
void add_countdown(obs_properties_t *properties, int current = 0);
void add_edge_group(obs_properties_t *properties);
void add_behind_group(obs_properties_t *properties);
/// The group that a switch shows. `device`: the one in the settings, which the list offers even if this machine does not have
/// it; `device_note`: what is to be known of it. `add_more` adds to the group; behind a property `trust_model`, which is shown
/// where there is a use for it.
void add_advanced_group(obs_properties_t *properties, const std::string &device, const std::string &device_note,
			const std::function<void(obs_properties_t *)> &add_more);

} // namespace matting
