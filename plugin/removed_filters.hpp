// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plugin/engine/engine_session.hpp"

#include <optional>
#include <string>

#include <obs.hpp>

namespace matting {

/// What is kept of a filter: its background, and the series that its captures belong to.
struct Kept {
	Background background;
	std::string series;
	friend bool operator==(const Kept &, const Kept &) = default;
};

// Note [What a removed filter had]
// To redo that a filter was added OBS makes one of the same name, as it was then; that of libobs 29 gives it no settings at all. Had
// it no background, the room would be on air. So what a filter had when it was removed is known by its parent and its name, until
// one comes back or OBS ends, and one without a background draws nothing until it has looked there. Whoever removes a filter and
// adds a new one of that name has its background again, too, which is safe. A filter that goes together with its parent comes
// back with its settings.
// Its hotkeys' keys are known in the same way, by the hotkeys' names: libobs saves those of hotkeys that are registered alone.

// Any thread.

void remember_removed(obs_source_t *parent, obs_source_t *filter, const Kept &kept);
/// What the last filter of that name had; it is forgotten by that.
std::optional<Kept> take_removed(obs_source_t *parent, obs_source_t *filter);

void remember_keys(obs_source_t *parent, const std::string &hotkey, obs_data_array_t *keys);
/// Null: none are known, or not any more.
OBSDataArray take_keys(obs_source_t *parent, const std::string &hotkey);

/// Before the module is unloaded.
void forget_removed();

} // namespace matting
