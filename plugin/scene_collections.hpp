// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "graphics.hpp"

#include <optional>
#include <string>
#include <vector>

namespace matting {

/// The scene collections that OBS has saved: files, which are read once, when they are first asked. Thread-safety: none.
class SceneCollections {
public:
	/// How many of them have that in them; nothing: there are none, or one could not be read.
	std::optional<int> with(const std::string &what);
	/// Whether several have, as far as is known: also where one could not be read.
	bool share(const std::string &what);
	/// Whether one has `what` and not `but_not`, as far as is known.
	bool any_with(const std::string &what, const std::string &but_not);

private:
	void read();

	bool are_read_ = false, is_one_unreadable_ = false;
	std::vector<ObsString> contents_; // of the others
};

} // namespace matting
