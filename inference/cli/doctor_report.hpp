// SPDX-License-Identifier: GPL-2.0-or-later
// What `doctor` has found so far, and the problems.
#pragma once

#include "description.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace matting {

struct Problem {
	std::string what; ///< comes of it; empty: the cause says that
	std::string cause;

	std::string text() const { return what.empty() ? cause : what + ": " + cause; }
};

struct Report {
	Json found = Json::object();
	std::vector<Problem> problems;

	/// Of a cause that was a problem already, what comes of it now counts.
	void add_problem(const std::string &what, const std::string &cause);
	/// What `look` finds, or why it finds nothing: that is a problem, which begins with `what`.
	void add(const char *key, const std::string &what, const std::function<Json()> &look);
	/// The same of what could crash or hang, such as a driver: what else there is to say is not lost for that.
	void add_apart(const std::vector<const char *> &keys, const std::string &what, std::chrono::seconds patience,
		       const std::function<void(Report &)> &look);
};

} // namespace matting
