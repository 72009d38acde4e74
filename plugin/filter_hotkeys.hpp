// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "background_series.hpp"
#include "filter_parent.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <utility>

#include <obs.hpp>

namespace matting {

// Note [Hotkeys of a filter]
// libobs gives none to filters, which are private; so they are the parent's. A key is stored under the hotkey's name, which must
// be the same at every start: it has the name of the filter's series of backgrounds, which no renaming changes. What the user
// reads has the filter's. A parent that is private, too, has none.
// When a filter is removed its keys are kept, in case that is undone: Note [What a removed filter had].
// While libobs calls what a hotkey does it holds a lock that others want who have the graphics lock; and on the UI thread a task
// for that runs at once. So a key that was pressed is only noted then.

enum class Hotkey { capture_background, view, enable };
/// In the same order; also the keys of their texts, behind "hotkey."
inline constexpr std::array hotkey_names{"capture_background", "view", "enable"};

/// Thread-safety: safe.
class FilterHotkeys {
public:
	explicit FilterHotkeys(const BackgroundSeries &series) : series_(series) {}

	/// In each tick: whether `update` is to be called, on the UI thread: in a tick libobs holds locks that hotkeys want, too.
	bool needs_update(obs_source_t *source);
	void update(obs_source_t *source, const FilterParent &its_parent);
	/// Before the parent goes. Until it has, none is registered there again.
	void remove();
	/// Since the last call.
	bool was_pressed(Hotkey hotkey) { return pressed_[static_cast<size_t>(hotkey)].exchange(false); }

private:
	static constexpr size_t count = hotkey_names.size();
	using Ids = std::array<obs_hotkey_id, count>;

	template<size_t hotkey> static void press(void *self, obs_hotkey_id, obs_hotkey_t *, bool is_pressed)
	{
		if (is_pressed)
			static_cast<FilterHotkeys *>(self)->pressed_[hotkey] = true;
	}
	std::string full_name(size_t hotkey) const;
	bool is_wrong(obs_source_t *parent, const char *name) const;
	Ids add(obs_source_t *parent, const std::string &name);
	void keep(const Ids &ids, obs_source_t *parent) const;
	void replace(Ids added, obs_source_t *unless_removed_from);
	static void unregister(const Ids &ids);
	static Ids none();

	const BackgroundSeries &series_;
	std::array<std::atomic<bool>, count> pressed_{};

	std::mutex mutex_; // of these:
	Ids ids_ = none();
	OBSWeakSource parent_;
	obs_source_t *removed_from_ = nullptr; // a parent that libobs may still name; to compare with
	std::string name_;
	bool is_queued_ = false;
};

} // namespace matting
