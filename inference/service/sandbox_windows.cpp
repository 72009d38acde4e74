// SPDX-License-Identifier: GPL-2.0-or-later
// Note [Less than that on Windows]
// What a process can give up by itself: starting programs, memory without end, the clipboard and other programs' windows,
// privileges, fonts and libraries from elsewhere. It keeps the user's rights: files, the network and other processes of the user
// are not guarded. That would take a process that OBS starts in an AppContainer, with a handle to each file and frame that it
// needs; and what is executed cannot be fixed beforehand, as LibTorch's convolutions are compiled when they are first needed.
#include "sandbox.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <system_error>
#include <vector>

#include <windows.h>

namespace matting {
namespace {

using Handle = std::unique_ptr<void, decltype(&CloseHandle)>;

void require(BOOL is_done, const char *what)
{
	if (!is_done)
		throw std::system_error(static_cast<int>(GetLastError()), std::system_category(), what);
}

size_t most_memory()
{
	MEMORYSTATUSEX memory{};
	memory.dwLength = sizeof memory;
	GlobalMemoryStatusEx(&memory);
	return static_cast<size_t>(std::max(uint64_t{4} << 30, uint64_t{memory.ullTotalPhys} / 2));
}

// One process, this one.
Handle make_job(bool is_on_card)
{
	Handle job(CreateJobObjectW(nullptr, nullptr), CloseHandle);
	require(job != nullptr, "making a job");
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
	limits.BasicLimitInformation.LimitFlags =
		JOB_OBJECT_LIMIT_ACTIVE_PROCESS | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
	limits.BasicLimitInformation.ActiveProcessLimit = 1;
	if (!is_on_card) {
		limits.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_MEMORY;
		limits.ProcessMemoryLimit = most_memory();
	}
	require(SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits),
		"limiting a job");
	return job;
}

// Where OBS itself runs in a job, another one inside it can have no rules for windows.
void enter_job(bool is_on_card)
{
	const Handle strict = make_job(is_on_card);
	JOBOBJECT_BASIC_UI_RESTRICTIONS windows{};
	windows.UIRestrictionsClass = JOB_OBJECT_UILIMIT_DESKTOP | JOB_OBJECT_UILIMIT_DISPLAYSETTINGS |
				      JOB_OBJECT_UILIMIT_EXITWINDOWS | JOB_OBJECT_UILIMIT_GLOBALATOMS |
				      JOB_OBJECT_UILIMIT_HANDLES | JOB_OBJECT_UILIMIT_READCLIPBOARD |
				      JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS | JOB_OBJECT_UILIMIT_WRITECLIPBOARD;
	if (SetInformationJobObject(strict.get(), JobObjectBasicUIRestrictions, &windows, sizeof windows) &&
	    AssignProcessToJobObject(strict.get(), GetCurrentProcess()))
		return;
	const Handle job = make_job(is_on_card);
	require(AssignProcessToJobObject(job.get(), GetCurrentProcess()), "entering a job");
}

// But to walk through folders, which everybody has.
void give_up_privileges()
{
	HANDLE opened = nullptr;
	require(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &opened),
		"asking for privileges");
	const Handle token(opened, CloseHandle);
	DWORD bytes = 0;
	GetTokenInformation(token.get(), TokenPrivileges, nullptr, 0, &bytes);
	std::vector<char> memory(bytes);
	auto *list = reinterpret_cast<TOKEN_PRIVILEGES *>(memory.data());
	require(GetTokenInformation(token.get(), TokenPrivileges, list, bytes, &bytes), "asking for privileges");
	LUID walking{};
	require(LookupPrivilegeValueW(nullptr, SE_CHANGE_NOTIFY_NAME, &walking), "asking for privileges");
	for (DWORD i = 0; i < list->PrivilegeCount; i++) {
		LUID_AND_ATTRIBUTES &privilege = list->Privileges[i];
		if (privilege.Luid.LowPart != walking.LowPart || privilege.Luid.HighPart != walking.HighPart)
			privilege.Attributes = SE_PRIVILEGE_REMOVED;
	}
	require(AdjustTokenPrivileges(token.get(), FALSE, list, 0, nullptr, nullptr), "giving up privileges");
}

// No code that others push into processes, no fonts but the system's, no libraries from the network or from where anyone may write.
// What this Windows does not know of them is left out.
void close_doors()
{
	PROCESS_MITIGATION_EXTENSION_POINT_DISABLE_POLICY extensions{};
	extensions.DisableExtensionPoints = 1;
	SetProcessMitigationPolicy(ProcessExtensionPointDisablePolicy, &extensions, sizeof extensions);
	PROCESS_MITIGATION_FONT_DISABLE_POLICY fonts{};
	fonts.DisableNonSystemFonts = 1;
	SetProcessMitigationPolicy(ProcessFontDisablePolicy, &fonts, sizeof fonts);
	PROCESS_MITIGATION_IMAGE_LOAD_POLICY libraries{};
	libraries.NoRemoteImages = 1;
	libraries.NoLowMandatoryLabelImages = 1;
	SetProcessMitigationPolicy(ProcessImageLoadPolicy, &libraries, sizeof libraries);
}

} // namespace

void enter_sandbox(const std::filesystem::path &backgrounds, bool is_on_card)
{
	SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX); // a crash's report would hold the room
	give_up_privileges();
	enter_job(is_on_card);
	close_doors();
	forbid_writing(backgrounds, is_on_card);
}

} // namespace matting
