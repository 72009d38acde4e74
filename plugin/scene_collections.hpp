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
	/// How many of them have that in them; nothing: they could not be read.
	std::optional<int> with(const std::string &what);
	/// Whether several have.
	bool share(const std::string &what) { return with(what).value_or(0) > 1; }

private:
	bool are_read_ = false;
	std::vector<ObsString> contents_; // none: they could not be read
};

} // namespace matting
