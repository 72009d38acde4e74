// SPDX-License-Identifier: GPL-2.0-or-later
#include "scene_collections.hpp"

#include "plugin/engine/engine_process.hpp"
#include "plugin/engine/utf8_path.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include <obs-module.h>
#include <util/config-file.h>
#include <util/platform.h>

namespace matting {
namespace {

// Where OBS keeps them. Not by "..": its folder for plugins may be a link to another disk.
std::filesystem::path scenes_folder()
{
	std::filesystem::path folder = path_of(captures_folder());
	folder = folder.parent_path().parent_path().parent_path(); // of plugin_config
	config_t *global = nullptr;
	if (config_open(&global, utf8_of(folder / "global.ini").c_str(), CONFIG_OPEN_EXISTING) == CONFIG_SUCCESS) {
		const char *elsewhere = config_get_string(global, "Locations", "SceneCollections");
		if (elsewhere && *elsewhere)
			folder = path_of(elsewhere) / "obs-studio";
		config_close(global);
	}
	return folder / "basic" / "scenes";
}

bool has(const ObsString &content, const std::string &what)
{
	return std::strstr(content.get(), what.c_str());
}

} // namespace

void SceneCollections::read()
{
	if (std::exchange(are_read_, true))
		return;
	const std::filesystem::path folder = scenes_folder();
	std::error_code error;
	if (!std::filesystem::exists(folder, error) && !error)
		return;
	std::filesystem::directory_iterator entry(folder, error);
	for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
		if (entry->path().extension() != ".json") // OBS's copies of how they were before
			continue;
		ObsString content(os_quick_read_utf8_file(utf8_of(entry->path()).c_str()));
		if (content)
			contents_.push_back(std::move(content));
		else
			is_one_unreadable_ = true;
	}
	is_one_unreadable_ |= static_cast<bool>(error);
}

std::optional<int> SceneCollections::with(const std::string &what)
{
	read();
	if (contents_.empty() || is_one_unreadable_)
		return std::nullopt;
	return static_cast<int>(
		std::ranges::count_if(contents_, [&](const ObsString &content) { return has(content, what); }));
}

bool SceneCollections::share(const std::string &what)
{
	return with(what).value_or(is_one_unreadable_ ? 2 : 0) > 1;
}

bool SceneCollections::any_with(const std::string &what, const std::string &but_not)
{
	read();
	return is_one_unreadable_ || std::ranges::any_of(contents_, [&](const ObsString &content) {
		       return has(content, what) && !has(content, but_not);
	       });
}

} // namespace matting
