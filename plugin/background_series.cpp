// SPDX-License-Identifier: GPL-2.0-or-later
#include "background_series.hpp"

#include "graphics.hpp"

#include "plugin/engine/engine_process.hpp"

#include <charconv>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <random>
#include <set>

#include <fmt/chrono.h>
#include <obs-module.h>

namespace matting {
namespace {

constexpr size_t name_length = 16;

struct Taken {
	std::mutex mutex;
	std::set<std::string> names;
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
}

std::string BackgroundSeries::new_path(int64_t number) const
{
	return fmt::format("{}/{:%Y-%m-%d_%H-%M-%S}_{}-{}.png", backgrounds_folder(),
			   fmt::localtime(std::time(nullptr)), name_, number);
}

std::optional<std::pair<std::string, int64_t>> BackgroundSeries::newest_after(int64_t number) const
{
	const ObsString folder(obs_module_config_path("backgrounds"));
	std::optional<std::pair<std::string, int64_t>> newest;
	std::error_code error;
	const std::string mark = "_" + name_ + "-";
	std::filesystem::directory_iterator entry(folder ? folder.get() : "", error);
	for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
		const std::string file = entry->path().stem().string();
		const size_t found = file.find(mark);
		int64_t its_number = 0;
		if (found == std::string::npos || entry->path().extension() != ".png")
			continue;
		std::from_chars(file.data() + found + mark.size(), file.data() + file.size(), its_number);
		if (its_number <= number)
			continue;
		number = its_number;
		newest.emplace(entry->path().string(), its_number);
	}
	return newest;
}

} // namespace matting
