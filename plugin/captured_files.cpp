// SPDX-License-Identifier: GPL-2.0-or-later
#include "captured_files.hpp"

#include "plugin/engine/engine_process.hpp"
#include "plugin/engine/utf8_path.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace matting {
namespace {

constexpr size_t series_length = 16;
constexpr auto a_while = std::chrono::hours(1); // nobody writes at a file for so long

} // namespace

std::vector<std::string> captured_files(bool are_whole)
{
	const std::string folder = captures_folder();
	std::vector<std::string> files;
	std::error_code error;
	std::filesystem::directory_iterator entry(path_of(folder), error);
	for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
		const std::string name = utf8_of(entry->path().filename());
		if (name.ends_with(".png") && name.starts_with('.') != are_whole)
			files.push_back(fmt::format("{}/{}", folder, name)); // as `BackgroundSeries::new_path` has them
	}
	return files;
}

std::string name_of(const std::string &path)
{
	return utf8_of(path_of(path).filename());
}

std::string stem_of(const std::string &path)
{
	return utf8_of(path_of(path).stem());
}

bool is_series(const std::string &name)
{
	return name.size() == series_length && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string series_of(const std::string &path)
{
	const std::string stem = stem_of(path);
	const size_t begin = stem.rfind('_') + 1;
	const std::string name = stem.substr(std::min(begin, stem.size()), series_length);
	return is_series(name) && stem.substr(begin + series_length).starts_with('-') ? name : std::string();
}

bool is_older(const std::string &path, std::chrono::seconds age)
{
	std::error_code error;
	const auto written = std::filesystem::last_write_time(path_of(path), error);
	return !error && std::filesystem::file_time_type::clock::now() - written > age;
}

void remove_unfinished_captures()
{
	std::error_code ignored;
	for (const std::string &file : captured_files(/*are_whole=*/false))
		if (!series_of(file).empty() && is_older(file, a_while))
			std::filesystem::remove(path_of(file), ignored);
}

} // namespace matting
