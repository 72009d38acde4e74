// SPDX-License-Identifier: GPL-2.0-or-later
#include "background_series.hpp"

#include "graphics.hpp"

#include "plugin/engine/engine_process.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <set>
#include <vector>

#include <fmt/chrono.h>
#include <obs-module.h>

namespace matting {
namespace {

constexpr size_t name_length = 16;

struct Taken {
	std::mutex mutex;
	std::set<std::string> names;
	std::map<std::string, std::string> used; // files, by the series of the filter that uses them
};

Taken &taken()
{
	static Taken taken;
	return taken;
}

// It becomes a part of paths.
bool is_name(const std::string &name)
{
	return name.size() == name_length && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// That is in a capture's name; empty: it is none.
std::string series_of(const std::string &path)
{
	const std::string stem = std::filesystem::path(path).stem().string();
	const size_t begin = stem.rfind('_') + 1;
	const std::string name = stem.substr(std::min(begin, stem.size()), name_length);
	return is_name(name) && stem.substr(begin + name_length).starts_with('-') ? name : std::string();
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
}

BackgroundSeries::~BackgroundSeries()
{
	const std::lock_guard lock(taken().mutex);
	taken().names.erase(name_);
	taken().used.erase(name_);
}

std::string BackgroundSeries::new_path(int64_t number, uint32_t fingerprint) const
{
	return fmt::format("{}/{:%Y-%m-%d_%H-%M-%S}_{}-{}-{:08x}.png", backgrounds_folder(),
			   fmt::localtime(std::time(nullptr)), name_, number, fingerprint);
}

std::optional<uint32_t> BackgroundSeries::fingerprint_of(const std::string &path)
{
	const std::string stem = std::filesystem::path(path).stem().string();
	const size_t last = stem.rfind('-');
	if (series_of(path).empty() || stem.size() - last != 9)
		return std::nullopt; // captures of before have none
	uint32_t value = 0;
	const auto [end, error] = std::from_chars(stem.data() + last + 1, stem.data() + stem.size(), value, 16);
	return error == std::errc() && end == stem.data() + stem.size() ? std::optional(value) : std::nullopt;
}

int64_t BackgroundSeries::number_of(const std::string &path) const
{
	const std::filesystem::path file = path;
	const std::string stem = file.stem().string(), mark = "_" + name_ + "-";
	const size_t found = stem.find(mark);
	int64_t number = 0;
	if (found != std::string::npos && file.extension() == ".png")
		std::from_chars(stem.data() + found + mark.size(), stem.data() + stem.size(), number);
	return number;
}

// Of all series.
static std::vector<std::string> captures()
{
	const ObsString folder(obs_module_config_path("backgrounds"));
	std::vector<std::string> files;
	std::error_code error;
	std::filesystem::directory_iterator entry(folder ? folder.get() : "", error);
	for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
		if (entry->path().extension() == ".png")
			files.push_back(entry->path().string());
	return files;
}

std::map<int64_t, std::string> BackgroundSeries::files() const
{
	std::map<int64_t, std::string> files;
	for (const std::string &file : captures())
		if (const int64_t number = number_of(file))
			files[number] = file;
	return files;
}

std::optional<std::pair<std::string, int64_t>> BackgroundSeries::newest_after(int64_t number) const
{
	const auto all = files();
	if (all.empty() || all.rbegin()->first <= number)
		return std::nullopt;
	return std::pair(all.rbegin()->second, all.rbegin()->first);
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

std::optional<std::string> BackgroundSeries::better_for(const PlateSize &size, const std::string &path) const
{
	if (number_of(path) == 0 || plate_size(path) == size)
		return std::nullopt;
	const auto all = files();
	const auto found = std::find_if(all.rbegin(), all.rend(),
					[&](const auto &file) { return plate_size(file.second) == size; });
	return found == all.rend() ? std::nullopt : std::optional(found->second);
}

bool BackgroundSeries::is_used_elsewhere(const std::string &path) const
{
	const std::lock_guard lock(taken().mutex);
	return std::ranges::any_of(taken().used,
				   [&](const auto &use) { return use.first != name_ && use.second == path; });
}

// In any of OBS's scene collections, as they were saved.
static bool is_saved_somewhere(const std::string &path)
{
	const ObsString ours(obs_module_config_path(""));
	const std::string name = std::filesystem::path(path).filename().string();
	std::error_code error;
	std::filesystem::directory_iterator entry(
		std::filesystem::path(ours ? ours.get() : "") / ".." / ".." / "basic" / "scenes", error);
	for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
		std::ifstream stream(entry->path());
		const std::string content{std::istreambuf_iterator<char>(stream), {}};
		if (content.find(name) != std::string::npos)
			return true;
	}
	return false;
}

// Of a filter that was removed so long ago that nobody undoes it.
bool BackgroundSeries::is_abandoned(const std::string &path) const
{
	constexpr auto long_ago = std::chrono::hours(24 * 30);
	const std::string series = series_of(path);
	std::error_code error;
	const auto age = std::filesystem::file_time_type::clock::now() - std::filesystem::last_write_time(path, error);
	if (series.empty() || error || age < long_ago || is_used_elsewhere(path))
		return false;
	{
		const std::lock_guard lock(taken().mutex);
		if (taken().names.contains(series))
			return false;
	}
	return !is_saved_somewhere(path);
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
	std::filesystem::permissions(path, perms::owner_read | perms::owner_write, ignored);
	remove_older(path);
	for (const std::string &file : captures())
		if (is_abandoned(file))
			std::filesystem::remove(file, ignored);
}

void BackgroundSeries::remove_older(const std::string &path) const
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
		    !is_used_elsewhere(file->second) && !is_saved_somewhere(file->second))
			std::filesystem::remove(file->second, ignored);
	}
}

void BackgroundSeries::remove(const std::string &path) const
{
	std::error_code ignored;
	if (number_of(path) != 0 && !is_used_elsewhere(path))
		std::filesystem::remove(path, ignored);
}

} // namespace matting
