// SPDX-License-Identifier: GPL-2.0-or-later
// One setting at a time. Scripts write what they like: a number as text, text for a number, what is none.
#pragma once

#include <cstdint>

#include <obs-module.h>

namespace matting {

/// A finite number, also as text; else `otherwise`.
double number_in(obs_data_t *settings, const char *name, double otherwise);
/// Numbers are one, too; else `otherwise`.
bool switch_in(obs_data_t *settings, const char *name, bool otherwise);

/// Puts the value into `corrections` if the setting is there and is another value, or of another type; says whether it did.
bool correct(obs_data_t *corrections, obs_data_t *settings, const char *name, double value);
bool correct(obs_data_t *corrections, obs_data_t *settings, const char *name, int64_t value);
bool correct(obs_data_t *corrections, obs_data_t *settings, const char *name, bool value);
bool correct(obs_data_t *corrections, obs_data_t *settings, const char *name, const char *value);

} // namespace matting
