// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace matting {

/// The captured backgrounds of one filter: their files bear its name and are numbered, so that the newest is found again even
/// if OBS ended before it saved the settings. Thread-safety: constant once made.
class BackgroundSeries {
public:
	/// The series of this name, if it is one and no other filter of this OBS has it; else a new one.
	explicit BackgroundSeries(const std::string &wanted);
	~BackgroundSeries();
	BackgroundSeries(const BackgroundSeries &) = delete;
	BackgroundSeries &operator=(const BackgroundSeries &) = delete;

	const std::string &name() const { return name_; }
	/// Of a file that no capture had before. Throws std::runtime_error: there is no folder for it.
	std::string new_path(int64_t number) const;
	/// The file with the highest number, if that is above `number`, and its number.
	std::optional<std::pair<std::string, int64_t>> newest_after(int64_t number) const;

private:
	std::string name_;
};

} // namespace matting
