// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor_machine.hpp"

#include "inference/platform.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include <windows.h>

namespace matting {

const char *const module_file = "obs-background-matting.dll";

namespace {

// Of the machine; empty: there is none. `view`: RRF_SUBKEY_WOW6464KEY, or where programs of 32 bits see it.
std::filesystem::path registered(const wchar_t *key, const wchar_t *name, DWORD view = RRF_SUBKEY_WOW6464KEY)
{
	std::array<wchar_t, 1024> text{};
	DWORD bytes = sizeof text;
	const bool is_there = RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ | view, nullptr, text.data(),
					   &bytes) == ERROR_SUCCESS;
	return is_there ? text.data() : L"";
}

// Empty: the file does not say.
std::string version_of(const std::filesystem::path &program)
{
	DWORD ignored = 0;
	std::vector<char> all(GetFileVersionInfoSizeW(program.c_str(), &ignored));
	void *found = nullptr;
	UINT bytes = 0;
	if (all.empty() || !GetFileVersionInfoW(program.c_str(), 0, static_cast<DWORD>(all.size()), all.data()) ||
	    !VerQueryValueW(all.data(), L"\\", &found, &bytes))
		return {};
	const auto &version = *static_cast<const VS_FIXEDFILEINFO *>(found);
	return fmt::format("{}.{}.{}", HIWORD(version.dwFileVersionMS), LOWORD(version.dwFileVersionMS),
			   HIWORD(version.dwFileVersionLS));
}

// OBS looks beside itself, and where programs keep what all users share.
bool lies_in(const std::filesystem::path &folder)
{
	std::error_code ignored;
	for (auto up = program_path(); up != up.parent_path(); up = up.parent_path())
		if (std::filesystem::equivalent(up, folder, ignored))
			return true;
	return false;
}

} // namespace

Json describe_system()
{
	const wchar_t *key = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
	SYSTEM_INFO system{};
	GetNativeSystemInfo(&system);
	const bool is_x64 = system.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_AMD64;
	return {{"name", registered(key, L"ProductName").string()},
		{"kernel", registered(key, L"CurrentBuild").string()},
		{"machine", is_x64 ? "x86_64" : "other"}};
}

std::string processor_name()
{
	return registered(L"HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0", L"ProcessorNameString").string();
}

// The library that comes with the driver says it.
std::string driver_version()
{
	void *library = load_library("nvml.dll");
	if (!library)
		return {};
	const auto start = reinterpret_cast<int (*)()>(find_function(library, "nvmlInit_v2"));
	const auto ask =
		reinterpret_cast<int (*)(char *, unsigned)>(find_function(library, "nvmlSystemGetDriverVersion"));
	std::array<char, 80> version{};
	const bool is_known = start && ask && start() == 0 && ask(version.data(), version.size()) == 0;
	return is_known ? version.data() : "";
}

std::vector<FoundObs> find_obs()
{
	const wchar_t *shared = _wgetenv(L"ProgramData");
	const bool is_shared = shared && lies_in(std::filesystem::path(shared) / "obs-studio" / "plugins");
	for (const DWORD view : {RRF_SUBKEY_WOW6464KEY, RRF_SUBKEY_WOW6432KEY})
		if (const auto folder = registered(L"SOFTWARE\\OBS Studio", nullptr, view); !folder.empty())
			return {{.from = "installer",
				 .path = folder.string(),
				 .version = version_of(folder / "bin" / "64bit" / "obs64.exe"),
				 .looks_here = is_shared || lies_in(folder)}};
	return {};
}

} // namespace matting
