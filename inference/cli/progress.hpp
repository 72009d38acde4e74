// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace matting {

/// A line on the terminal: a bar, how much is done, how much a second, time left. Silent when the error output is no terminal.
class Progress {
public:
	explicit Progress(std::optional<int64_t> total, const char *unit = "frames");
	~Progress(); ///< ends the line
	void advance(int64_t steps = 1);

private:
	void print() const;

	std::optional<int64_t> total_;
	const char *unit_;
	int64_t done_ = 0;
	bool is_shown_;
	std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
	std::chrono::steady_clock::time_point printed_{};
};

} // namespace matting
