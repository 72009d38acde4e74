// SPDX-License-Identifier: GPL-2.0-or-later
// The filter's settings: obs_data and obs_properties on one side, Configuration and the options table on the other.
#pragma once

#include "plugin/engine/engine_session.hpp"

#include <string>

#include <obs-module.h>

namespace matting {

inline constexpr const char *background_setting = "background";
inline constexpr const char *number_setting = "background_number"; // how often it was captured, chosen or forgotten
inline constexpr const char *series_setting = "background_series"; // see BackgroundSeries
inline constexpr const char *model_setting = "model";
inline constexpr const char *countdown_setting = "capture_countdown"; // seconds

void set_defaults(obs_data_t *settings);

/// An empty `model` stands for the bundled one. Numbers out of range are brought into it.
Configuration read_settings(obs_data_t *settings);

/// The controls of all settings: background, one for each row of the options table, model and device. `device`: the one in
/// the settings, which the list offers even if this machine does not have it.
void add_setting_properties(obs_properties_t *properties, const std::string &device);

} // namespace matting
