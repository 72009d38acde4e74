// SPDX-License-Identifier: GPL-2.0-or-later
#include "scene_collections.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <obs-module.h>
#include <util/config-file.h>
#include <util/platform.h>

namespace matting {
namespace {

// Where OBS keeps them. Not by "..": its folder for plugins may be a link to another disk.
std::filesystem::path scenes_folder()
{
	const ObsString backgrounds(obs_module_config_path("backgrounds"));
	std::filesystem::path folder = backgrounds ? backgrounds.get() : "";
	folder = folder.parent_path().parent_path().parent_path(); // of plugin_config
	config_t *global = nullptr;
	if (config_open(&global, (folder / "global.ini").string().c_str(), CONFIG_OPEN_EXISTING) == CONFIG_SUCCESS) {
		const char *elsewhere = config_get_string(global, "Locations", "SceneCollections");
		if (elsewhere && *elsewhere)
			folder = std::filesystem::path(elsewhere) / "obs-studio";
		config_close(global);
	}
	return folder / "basic" / "scenes";
}

// All of them or none.
std::vector<ObsString> read_collections()
{
	std::vector<ObsString> contents;
	std::error_code error;
	std::filesystem::directory_iterator entry(scenes_folder(), error);
	for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
		if (entry->path().extension() != ".json") // OBS's copies of how they were before
			continue;
		contents.emplace_back(os_quick_read_utf8_file(entry->path().string().c_str()));
		if (!contents.back())
			return {};
	}
	return error ? std::vector<ObsString>() : std::move(contents);
}

} // namespace

std::optional<int> SceneCollections::with(const std::string &what)
{
	if (!are_read_)
		contents_ = read_collections();
	are_read_ = true;
	if (contents_.empty())
		return std::nullopt;
	return static_cast<int>(std::ranges::count_if(
		contents_, [&](const ObsString &content) { return std::strstr(content.get(), what.c_str()); }));
}

} // namespace matting
