// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor_machine.hpp"

#include "inference/platform.hpp"
#include "inference/program_part.hpp"
#include "inference/wire/home_folder.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <sstream>

#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace matting {

const char *const module_file = "obs-background-matting.so";

namespace {

// The first place in the file where the pattern fits: what is in its brackets. Or empty.
std::string find_in_file(const char *path, const char *pattern)
{
	std::ifstream file(path);
	const std::regex expression(pattern);
	std::smatch match;
	for (std::string line; std::getline(file, line);)
		if (std::regex_search(line, match, expression))
			return match[1];
	return {};
}

std::string output_of(const std::string &command)
{
	const std::unique_ptr<std::FILE, int (*)(std::FILE *)> pipe(popen(command.c_str(), "r"), pclose);
	std::string output;
	std::array<char, 256> part;
	while (pipe && std::fgets(part.data(), part.size(), pipe.get()))
		output += part.data();
	return output;
}

std::string variable(const char *name)
{
	const char *value = std::getenv(name);
	return value ? value : "";
}

std::filesystem::path find_program(const std::string &name)
{
	std::istringstream folders(variable("PATH"));
	for (std::string folder; std::getline(folders, folder, ':');)
		if (const auto program = std::filesystem::path(folder) / name; access(program.c_str(), X_OK) == 0)
			return program;
	return {};
}

// "OBS Studio - 30.2.3 (linux)"
std::string obs_version()
{
	std::smatch match;
	const std::string output = output_of("timeout 5 obs --version 2>/dev/null");
	return std::regex_search(output, match, std::regex("OBS Studio - ([^ \n]+)")) ? match[1].str() : "";
}

// Flatpak's OBS and Snap's have folders of their own for plugins, and see no others. All else is as packages have it.
std::string maker_of(const std::string &path)
{
	const auto names = [&](const char *part) {
		return path.find(part) != std::string::npos;
	};
	if (path.starts_with("/app/") || names("/.var/app/com.obsproject.Studio/") ||
	    names("/flatpak/runtime/com.obsproject.Studio.Plugin."))
		return "flatpak";
	return names("/snap/obs-studio/") ? "snap" : "packages";
}

// Where an OBS of packages looks: in the folders of this user, those that it is told of, and its own. OBS 33 knows another
// folder of the user's, and needs not be told where a module's data is.
std::vector<std::filesystem::path> plugin_folders(const std::filesystem::path &obs, const std::string &version)
{
	std::vector<std::filesystem::path> folders;
	const int major = std::atoi(version.c_str());
	const bool is_newer = major >= 33 || major == 0; // not known
	const std::string config = variable("XDG_CONFIG_HOME");
	std::vector homes{config.empty() ? home_folder() / ".config" : std::filesystem::path(config)};
	if (is_newer)
		homes.push_back(user_data_folder());
	for (const auto &home : homes)
		for (const char *layout : {"obs-background-matting/bin/64bit", "obs-background-matting"})
			folders.push_back(home / "obs-studio" / "plugins" / layout);
	std::string told = variable("OBS_PLUGINS_PATH");
	if (!told.empty() && (is_newer || !variable("OBS_PLUGINS_DATA_PATH").empty())) {
		static const std::string place = "%module%";
		if (const size_t at = told.find(place); at != told.npos)
			told.replace(at, place.size(), "obs-background-matting");
		folders.insert(folders.end(), {told, told + "/obs-background-matting"});
	}
	std::error_code ignored;
	const auto prefix = std::filesystem::weakly_canonical(obs, ignored).parent_path().parent_path();
	for (const char *name : {"lib", "lib64"}) {
		folders.push_back(prefix / name / "obs-plugins");
		for (const auto &machine : std::filesystem::directory_iterator(prefix / name, ignored))
			folders.push_back(machine.path() / "obs-plugins");
	}
	return folders;
}

// The one beside this program.
bool finds_module(const std::filesystem::path &obs, const std::string &version)
{
	std::error_code ignored;
	const auto own = program_folder() / module_file;
	return std::ranges::any_of(plugin_folders(obs, version), [&](const std::filesystem::path &folder) {
		return std::filesystem::equivalent(folder / module_file, own, ignored);
	});
}

} // namespace

Json describe_system()
{
	utsname kernel{};
	uname(&kernel);
	return {{"name", find_in_file("/etc/os-release", "^PRETTY_NAME=\"?([^\"]*)")},
		{"kernel", kernel.release},
		{"machine", kernel.machine},
		{"glibc", gnu_get_libc_version()}};
}

std::string processor_name()
{
	return find_in_file("/proc/cpuinfo", "^model name[ \t]*: (.*)");
}

std::string driver_version()
{
	return find_in_file("/proc/driver/nvidia/version", driver_pattern);
}

std::vector<FoundObs> find_obs()
{
	std::vector<FoundObs> found;
	const std::string here = maker_of(program_path());
	if (const std::string program = find_program("obs"); !program.empty()) {
		const std::string from = maker_of(program), version = obs_version();
		const bool looks_here = from == "packages" ? finds_module(program, version) : from == here;
		found.push_back({from, program, version, looks_here});
	}
	const auto add = [&](const std::string &from, const std::string &path) {
		found.push_back({from, path, "", from == here});
	};
	const std::string flatpak = "flatpak/app/com.obsproject.Studio";
	std::error_code ignored;
	for (const std::string &folder : {"/var/lib/" + flatpak, home_folder().string() + "/.local/share/" + flatpak})
		if (std::filesystem::is_directory(folder, ignored))
			add("flatpak", folder);
	if (std::filesystem::is_directory("/snap/obs-studio", ignored))
		add("snap", "/snap/obs-studio");
	return found;
}

} // namespace matting
