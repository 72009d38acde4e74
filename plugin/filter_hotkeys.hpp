// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <mutex>
#include <string>

#include <obs-module.h>

namespace matting {

// Note [Hotkeys of a filter]
// libobs gives none to filters, which are private; so they are the parent's. A key is stored under the hotkey's name, which must
// be the same at every start: it has the name of the filter's series of backgrounds, which no renaming changes. What the user
// reads has the filter's. A parent that is private, too, has none.

/// Thread-safety: safe.
class FilterHotkeys {
public:
	static constexpr size_t count = 3;
	struct Hotkey {
		const char *name;      ///< also the key of its text, behind "hotkey."
		obs_hotkey_func press; ///< called with the filter's data
	};

	FilterHotkeys(std::string series, const std::array<Hotkey, count> &hotkeys, void *filter)
		: series_(std::move(series)), hotkeys_(hotkeys), filter_(filter)
	{
	}

	/// In each tick: whether `update` is to be called, on the UI thread: in a tick libobs holds locks that hotkeys want, too.
	bool needs_update(obs_source_t *source);
	void update(obs_source_t *source);
	/// Before the parent goes. Until it has, none is registered there again.
	void remove();

private:
	using Ids = std::array<obs_hotkey_id, count>;

	bool is_wrong(obs_source_t *parent, const char *name) const;
	Ids add(obs_source_t *parent, const std::string &name) const;
	void replace(Ids added, obs_source_t *unless_removed_from);
	static void unregister(const Ids &ids);
	static Ids none();

	const std::string series_;
	const std::array<Hotkey, count> hotkeys_;
	void *const filter_;

	std::mutex mutex_; // of these:
	Ids ids_ = none();
	obs_source_t *parent_ = nullptr;       // to compare with
	obs_source_t *removed_from_ = nullptr; // a parent that libobs may still name; to compare with
	std::string name_;
	bool is_queued_ = false;
};

} // namespace matting
