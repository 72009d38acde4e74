// SPDX-License-Identifier: GPL-2.0-or-later
#include "background_series.hpp"

#include "captured_files.hpp"
#include "scene_collections.hpp"
#include "settings.hpp"

#include "plugin/engine/engine_process.hpp"
#include "plugin/engine/utf8_path.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <random>
#include <set>
#include <vector>

#include <fmt/chrono.h>
#include <obs-module.h>
#include <util/platform.h>

namespace matting {
namespace {

constexpr auto long_ago = std::chrono::hours(24 * 30); // nobody looks for it any more

struct Taken {
	std::mutex mutex;
	std::set<std::string> names;
	std::set<std::string> known;             // those that were ever taken: an undo may want them back
	std::map<std::string, std::string> used; // files, by the series of the filter that uses them
};

Taken &taken()
{
	static Taken taken;
	return taken;
}

std::string random_name()
{
	std::random_device random;
	return fmt::format("{:08x}{:08x}", random(), random());
}

// As for the engine, which scales the one to the other: `same_aspect` in inference/pixels.cpp.
bool have_same_shape(const PlateSize &a, const PlateSize &b)
{
	const double width = static_cast<double>(a.width) * b.height / a.height,
		     height = static_cast<double>(a.height) * b.width / a.width;
	return std::abs(width - b.width) < 1 || std::abs(height - b.height) < 1;
}

} // namespace

void BackgroundSeries::begin(const std::string &wanted)
{
	take(wanted);
	while (name().empty())
		take(random_name());
}

BackgroundSeries::~BackgroundSeries()
{
	const std::lock_guard lock(taken().mutex);
	taken().names.erase(name_);
	taken().used.erase(name_);
}

void BackgroundSeries::take(const std::string &wanted)
{
	const std::lock_guard lock(taken().mutex);
	if (!is_series(wanted) || !taken().names.insert(wanted).second)
		return;
	taken().names.erase(name_);
	taken().used.erase(name_);
	taken().known.insert(wanted);
	name_ = wanted;
}

std::string BackgroundSeries::name() const
{
	const std::lock_guard lock(taken().mutex);
	return name_;
}

std::string BackgroundSeries::new_path(int64_t number, uint32_t fingerprint) const
{
	return fmt::format("{}/{:%Y-%m-%d_%H-%M-%S}_{}-{}-{:08x}.png", captures_folder(),
			   fmt::localtime(std::time(nullptr)), name(), number, fingerprint);
}

std::optional<uint32_t> BackgroundSeries::fingerprint_of(const std::string &path)
{
	const std::string stem = stem_of(path);
	const size_t last = stem.rfind('-');
	if (series_of(path).empty() || stem.size() - last != 9)
		return std::nullopt; // captures of before have none
	uint32_t value = 0;
	const auto [end, error] = std::from_chars(stem.data() + last + 1, stem.data() + stem.size(), value, 16);
	return error == std::errc() && end == stem.data() + stem.size() ? std::optional(value) : std::nullopt;
}

std::string BackgroundSeries::now_at(const std::string &path)
{
	if (series_of(path).empty() || os_file_exists(path.c_str()))
		return path;
	const std::string here = fmt::format("{}/{}", captures_folder(), name_of(path));
	return os_file_exists(here.c_str()) ? here : path;
}

int64_t BackgroundSeries::number_of(const std::string &path) const
{
	const std::string stem = stem_of(path), mark = fmt::format("_{}-", name());
	const size_t found = stem.find(mark);
	int64_t number = 0;
	if (found != std::string::npos && path.ends_with(".png"))
		std::from_chars(stem.data() + found + mark.size(), stem.data() + stem.size(), number);
	return number > 0 && number <= highest_number ? number : 0;
}

std::multimap<int64_t, std::string> BackgroundSeries::files() const
{
	std::multimap<int64_t, std::string> files;
	for (const std::string &file : captured_files())
		if (const int64_t number = number_of(file))
			files.emplace(number, file);
	return files;
}

// Note [Who else names a capture]
// A scene collection that is not loaded names the series of its filters and the captures in force, and has a use for the others
// of these series, too. A copy of a collection has the same series. The collection that is loaded is among those that were saved,
// as it was then: only a second one says something. If none can be found, nothing is cleaned up.

std::optional<std::pair<std::string, int64_t>> BackgroundSeries::newest_after(int64_t number) const
{
	const auto all = files();
	if (all.empty() || all.rbegin()->first <= number)
		return std::nullopt;
	const auto &[newest_number, newest] = *all.rbegin();
	SceneCollections saved;
	// In doubt it is ours: without a background the room is shown.
	if (saved.share(name()) && saved.with(name_of(newest)).value_or(0) != 0)
		return std::nullopt; // that of a copy of the scene collection
	return std::pair(newest, newest_number);
}

std::optional<std::string> BackgroundSeries::newest_before(const std::string &path) const
{
	const auto all = files();
	const int64_t number = number_of(path);
	const auto size = number ? plate_size(path) : std::nullopt;
	for (auto file = number ? all.lower_bound(number) : all.end(); file != all.begin();)
		if (const std::string &candidate = (--file)->second; !size || plate_size(candidate) == size)
			return candidate;
	return std::nullopt;
}

std::optional<std::string> BackgroundSeries::newest_of(const std::optional<PlateSize> &size, int64_t above) const
{
	const auto all = files();
	for (auto file = all.rbegin(); file != all.rend() && file->first > above; ++file)
		if (!size || plate_size(file->second) == size)
			return file->second;
	return std::nullopt;
}

std::optional<std::string> BackgroundSeries::other_than(const std::string &path) const
{
	const int64_t number = number_of(path);
	const auto before = newest_before(path);
	return before || number == 0 ? before : newest_of(plate_size(path), number);
}

// Note [The newest plate that fits]
// What has changed in the room since a plate was taken is not removed. So of plates that the engine can use for a picture the newest
// is the best one, and an older one of exactly the picture's size is not.
std::optional<std::string> BackgroundSeries::better_for(const PlateSize &picture, const std::string &path) const
{
	const int64_t number = number_of(path);
	const auto present = number ? plate_size(path) : std::nullopt;
	if (number == 0 || present == picture)
		return std::nullopt;
	const bool fits = present && have_same_shape(*present, picture);
	const auto all = files();
	for (auto file = all.rbegin(); file != all.rend() && (!fits || file->first > number); ++file) {
		const auto size = plate_size(file->second);
		if (size && (fits ? *size == picture : have_same_shape(*size, picture)))
			return file->second;
	}
	return std::nullopt;
}

bool BackgroundSeries::is_used_elsewhere(const std::string &path) const
{
	const std::lock_guard lock(taken().mutex);
	return std::ranges::any_of(taken().used,
				   [&](const auto &use) { return use.first != name_ && use.second == path; });
}

static bool is_among(std::set<std::string> Taken::*names, const std::string &series)
{
	const std::lock_guard lock(taken().mutex);
	return (taken().*names).contains(series);
}

// Of a filter that was removed before OBS was started, so that nobody undoes it.
bool BackgroundSeries::is_abandoned(const std::string &path, SceneCollections &saved) const
{
	const std::string series = series_of(path);
	return !series.empty() && is_older(path, long_ago) && !is_used_elsewhere(path) &&
	       !is_among(&Taken::known, series) && saved.with(series) == 0;
}

void BackgroundSeries::use(const std::string &path) const
{
	{
		const std::lock_guard lock(taken().mutex);
		taken().used[name_] = path;
	}
	if (number_of(path) == 0)
		return;
	std::error_code ignored;
	using std::filesystem::perms;
	std::filesystem::permissions(path_of(path), perms::owner_read | perms::owner_write, ignored);
	SceneCollections saved;
	remove_older(path, saved);
	for (const std::string &file : captured_files())
		if (is_abandoned(file, saved))
			std::filesystem::remove(path_of(file), ignored);
	remove_unfinished_captures();
}

void BackgroundSeries::remove_older(const std::string &path, SceneCollections &saved) const
{
	std::error_code ignored;
	const int64_t number = number_of(path);
	const auto all = files();
	std::vector<PlateSize> sizes; // of those that are kept
	const auto last_before = newest_before(path);
	for (auto file = all.rbegin(); file != all.rend(); ++file) {
		const auto size = plate_size(file->second);
		const bool is_first_of_its_size = size && std::ranges::find(sizes, *size) == sizes.end();
		if (is_first_of_its_size)
			sizes.push_back(*size);
		if (file->first < number && !is_first_of_its_size && file->second != last_before &&
		    !is_used_elsewhere(file->second) && saved.with(name_of(file->second)) == 0)
			std::filesystem::remove(path_of(file->second), ignored);
	}
}

void BackgroundSeries::remove(const std::string &path) const
{
	std::error_code ignored;
	SceneCollections saved;
	const auto is_nobodys = [&](const std::string &series) { // as of the filter that ours is a copy of
		return !series.empty() && !is_among(&Taken::names, series) &&
		       !saved.any_with(series, /*but_not=*/name());
	};
	std::vector<std::string> all = captured_files();
	std::ranges::copy(captured_files(/*are_whole=*/false), std::back_inserter(all));
	for (const std::string &file : all) {
		const std::string series = series_of(file);
		const bool is_ours = series == name() || (file == path && is_nobodys(series));
		if (is_ours && !is_used_elsewhere(file) && !saved.share(series))
			std::filesystem::remove(path_of(file), ignored);
	}
}

} // namespace matting
