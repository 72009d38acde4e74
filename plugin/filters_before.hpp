// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include <obs-module.h>

namespace matting {

/// What the filters of `parent` (null: it has none) that come before `filter` make of the camera's picture, as a number: of those
/// that are enabled and change it, their kinds, their order, and their settings where these are not the defaults. The names of
/// filters do not count, nor what a later version of one adds. UI thread only: Note [Who writes settings].
uint32_t fingerprint_of_filters_before(obs_source_t *filter, obs_source_t *parent);

} // namespace matting
