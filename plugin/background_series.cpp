// SPDX-License-Identifier: GPL-2.0-or-later
#include "background_series.hpp"

#include "graphics.hpp"
#include "scene_collections.hpp"

#include "plugin/engine/engine_process.hpp"
#include "plugin/engine/utf8_path.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
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

constexpr size_t name_length = 16;
constexpr auto long_ago = std::chrono::hours(24 * 30); // nobody looks for it any more
constexpr auto a_while = std::chrono::hours(1);        // nobody writes at a file for so long

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

std::string name_of(const std::string &path)
{
	return utf8_of(path_of(path).filename());
}

std::string stem_of(const std::string &path)
{
	return utf8_of(path_of(path).stem());
}

// It becomes a part of paths.
bool is_name(const std::string &name)
{
	return name.size() == name_length && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// That is in a capture's name; empty: it is none.
std::string series_of(const std::string &path)
{
	const std::string stem = stem_of(path);
	const size_t begin = stem.rfind('_') + 1;
	const std::string name = stem.substr(std::min(begin, stem.size()), name_length);
	return is_name(name) && stem.substr(begin + name_length).starts_with('-') ? name : std::string();
}

bool is_older(const std::string &path, std::chrono::seconds age)
{
	std::error_code error;
	const auto written = std::filesystem::last_write_time(path_of(path), error);
	return !error && std::filesystem::file_time_type::clock::now() - written > age;
}

std::string random_name()
{
	std::random_device random;
	return fmt::format("{:08x}{:08x}", random(), random());
}

} // namespace

BackgroundSeries::BackgroundSeries(const std::string &wanted) : name_(wanted)
{
	const std::lock_guard lock(taken().mutex);
	while (!is_name(name_) || !taken().names.insert(name_).second)
		name_ = random_name();
	taken().known.insert(name_);
}

BackgroundSeries::~BackgroundSeries()
{
	const std::lock_guard lock(taken().mutex);
	taken().names.erase(name_);
	taken().used.erase(name_);
}

std::string BackgroundSeries::new_path(int64_t number, uint32_t fingerprint) const
{
	return fmt::format("{}/{:%Y-%m-%d_%H-%M-%S}_{}-{}-{:08x}.png", captures_folder(),
			   fmt::localtime(std::time(nullptr)), name_, number, fingerprint);
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
	const std::string stem = stem_of(path), mark = "_" + name_ + "-";
	const size_t found = stem.find(mark);
	int64_t number = 0;
	if (found != std::string::npos && path.ends_with(".png"))
		std::from_chars(stem.data() + found + mark.size(), stem.data() + stem.size(), number);
	return number;
}

// Of all series: those that are whole, or what is left of those that nobody finished (see inference/atomic_file.hpp).
// See also Note [A capture that counts].
static std::vector<std::string> captures(bool are_whole = true)
{
	const std::string folder = captures_folder();
	std::vector<std::string> files;
	std::error_code error;
	std::filesystem::directory_iterator entry(path_of(folder), error);
	for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
		const std::string name = utf8_of(entry->path().filename());
		if (name.ends_with(".png") && name.starts_with('.') != are_whole)
			files.push_back(fmt::format("{}/{}", folder, name)); // as `new_path` has them
	}
	return files;
}

std::multimap<int64_t, std::string> BackgroundSeries::files() const
{
	std::multimap<int64_t, std::string> files;
	for (const std::string &file : captures())
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
	if (saved.share(name_) && saved.with(name_of(newest)).value_or(0) != 0)
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

std::optional<std::string> BackgroundSeries::better_for(const PlateSize &size, const std::string &path) const
{
	return number_of(path) == 0 || plate_size(path) == size ? std::nullopt : newest_of(size, 0);
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
	for (const std::string &file : captures())
		if (is_abandoned(file, saved))
			std::filesystem::remove(path_of(file), ignored);
	for (const std::string &file : captures(/*are_whole=*/false))
		if (!series_of(file).empty() && is_older(file, a_while))
			std::filesystem::remove(path_of(file), ignored);
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
		       !saved.any_with(series, /*but_not=*/name_);
	};
	std::vector<std::string> all = captures();
	std::ranges::copy(captures(/*are_whole=*/false), std::back_inserter(all));
	for (const std::string &file : all) {
		const std::string series = series_of(file);
		const bool is_ours = series == name_ || (file == path && is_nobodys(series));
		if (is_ours && !is_used_elsewhere(file) && !saved.share(series))
			std::filesystem::remove(path_of(file), ignored);
	}
}

} // namespace matting
