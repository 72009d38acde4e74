// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <mutex>

#include <obs.hpp>

namespace matting {

// Note [Whose filter it is]
// libobs gives the pointer to a filter's parent to everybody and a hold on it to nobody: where the parent is not being drawn it may
// go while it is looked at, and the graphics lock keeps its memory but not what counts its references. While libobs goes through
// its list of sources none of them goes; so it is looked for there, when it has changed, and kept as a weak reference.

/// The source that a filter is on. Thread-safety: safe.
class FilterParent {
public:
	/// In each tick.
	void look(obs_source_t *filter);
	/// Holds it; null: there is none that is known. Let it go without the graphics lock: this may be the last hold on it.
	OBSSource of(obs_source_t *filter) const;

private:
	mutable std::mutex mutex_; // of these:
	OBSWeakSource parent_;
	obs_source_t *pointer_ = nullptr; // to compare with
};

} // namespace matting
