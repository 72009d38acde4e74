// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor_machine.hpp"

#include "inference/platform.hpp"

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

std::filesystem::path find_program(const std::string &name)
{
	const char *path = std::getenv("PATH");
	std::istringstream folders(path ? path : "");
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
	return find_in_file("/proc/driver/nvidia/version", "Module[^0-9]*([0-9.]+)");
}

std::vector<FoundObs> find_obs()
{
	std::vector<FoundObs> found;
	const std::string here = maker_of(program_path());
	const auto add = [&](const std::string &from, const std::string &path, const std::string &version) {
		found.push_back({from, path, version, from == here});
	};
	if (const std::string program = find_program("obs"); !program.empty())
		add(maker_of(program), program, obs_version());
	const std::string flatpak = "flatpak/app/com.obsproject.Studio";
	std::error_code ignored;
	for (const std::string &folder : {"/var/lib/" + flatpak, home_folder().string() + "/.local/share/" + flatpak})
		if (std::filesystem::is_directory(folder, ignored))
			add("flatpak", folder, "");
	if (std::filesystem::is_directory("/snap/obs-studio", ignored))
		add("snap", "/snap/obs-studio", "");
	return found;
}

} // namespace matting
