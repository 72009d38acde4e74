// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plate_file.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace matting {

class SceneCollections;

/// The captured backgrounds of one filter: their files bear its name and are numbered, so that the newest is found again even
/// if OBS ended before it saved the settings. Thread-safety: safe.
class BackgroundSeries {
public:
	/// Without a name until `begin`.
	BackgroundSeries() = default;
	~BackgroundSeries();
	BackgroundSeries(const BackgroundSeries &) = delete;
	BackgroundSeries &operator=(const BackgroundSeries &) = delete;

	/// The series of this name, if it is one and no other filter of this OBS has it; else a new one. Throws what std::random_device
	/// does.
	void begin(const std::string &wanted);
	/// From now on it is the series of this name, if it is one and no other filter of this OBS has it.
	void take(const std::string &wanted);
	std::string name() const;
	/// Of a file that no capture had before, with what the filters before ours do (see filters_before.hpp) in its name.
	/// The folder need not be there.
	std::string new_path(int64_t number, uint32_t fingerprint) const;
	/// What the filters before ours did when that was captured, by whatever filter; nothing if it is no capture.
	static std::optional<uint32_t> fingerprint_of(const std::string &path);
	/// `path`, or where the captures are now the one of that name: OBS's folder may have been moved since.
	static std::string now_at(const std::string &path);
	/// The file with the highest number, if that is above `number`, and its number. None that was captured in a copy of the scene
	/// collection, as far as that was saved.
	std::optional<std::pair<std::string, int64_t>> newest_after(int64_t number) const;
	/// The one before `path` of the same size, if that is of this series, or where there is none before, the newest of that size
	/// after it; else its newest.
	std::optional<std::string> other_than(const std::string &path) const;
	/// For a picture of that size, if there is a better one than `path`, which is of this series and of another size: a newer
	/// one of exactly that size or, where `path` is of another shape, the newest of the picture's. See Note [The newest plate
	/// that fits].
	std::optional<std::string> better_for(const PlateSize &picture, const std::string &path) const;

	/// The filter uses that file now. Older ones of the series are deleted, but for the newest of each size, the last one before
	/// of the same size, and those that a scene collection or another filter names; so are those of before a month whose filter
	/// has gone before OBS was started, and what captures that were never finished have left. See Note [Who else names a capture].
	void use(const std::string &path) const;
	/// The filter forgets its background, which was that file: deletes it and all of the series. Not what another filter uses, and
	/// nothing of a series that another scene collection has.
	void remove(const std::string &path) const;

private:
	/// Its files, by their numbers; copies of a scene collection may have used one twice.
	std::multimap<int64_t, std::string> files() const;
	std::optional<std::string> newest_before(const std::string &path) const;
	std::optional<std::string> newest_of(const std::optional<PlateSize> &size, int64_t above) const;
	int64_t number_of(const std::string &path) const; // 0: it is none of the series
	bool is_used_elsewhere(const std::string &path) const;
	bool is_abandoned(const std::string &path, SceneCollections &saved) const;
	void remove_older(const std::string &path, SceneCollections &saved) const;

	std::string name_; // with the lock of all names
};

} // namespace matting
