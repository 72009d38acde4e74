// SPDX-License-Identifier: GPL-2.0-or-later
// How soon an engine that has ended is started again, and when that is hopeless.
#pragma once

#include <chrono>

namespace matting {

/// How one engine has ended.
struct EngineEnd {
	std::chrono::duration<double> ran;
	bool has_matted = false;
	bool was_idle = false;   ///< it ran and nobody waited for anything
	bool was_killed = false; ///< by somebody else
};

/// Of the engines of one device, one after the other. Thread-safety: none.
class Restarts {
public:
	/// One that did what it should is started again at once, however often; after a moment so is one that somebody has killed before
	/// it could, and any other for the first few times.
	void note(const EngineEnd &end);
	/// Before the next one.
	std::chrono::milliseconds delay() const { return delay_; }
	/// They fail again and again: a CUDA device's are an error then, or the CPU's take their place.
	bool are_hopeless() const;

private:
	std::chrono::milliseconds delay_{};
	int failures_ = 0;  // in a row, without having done what it should
	double unrest_ = 0; // how often one has ended of late
};

} // namespace matting
