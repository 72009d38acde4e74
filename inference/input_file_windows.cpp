// SPDX-License-Identifier: GPL-2.0-or-later
#include "input_file.hpp"

#include "error.hpp"

#include <algorithm>
#include <limits>
#include <system_error>

#include <windows.h>

namespace matting {
namespace {

HANDLE handle_of(intptr_t number)
{
	return reinterpret_cast<HANDLE>(number);
}

std::string words_for(DWORD error)
{
	return std::system_category().message(static_cast<int>(error));
}

} // namespace

void InputFile::open()
{
	// Others may do with it what they could without this. Folders are opened, too, to be told from what is not there.
	const HANDLE file =
		CreateFileW(path_.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
			    nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
	if (file == INVALID_HANDLE_VALUE) {
		const DWORD error = GetLastError();
		if (error != ERROR_FILE_NOT_FOUND && error != ERROR_PATH_NOT_FOUND)
			problem_ = words_for(error);
		return;
	}
	std::shared_ptr<const intptr_t> opened(new intptr_t(reinterpret_cast<intptr_t>(file)),
					       [](const intptr_t *number) {
						       CloseHandle(handle_of(*number));
						       delete number;
					       });
	BY_HANDLE_FILE_INFORMATION information{};
	if (GetFileType(file) != FILE_TYPE_DISK)
		problem_ = Error::sentence("engine.no_ordinary_file", "it is no ordinary file");
	else if (!GetFileInformationByHandle(file, &information))
		problem_ = words_for(GetLastError());
	else if (information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
		problem_ = Error::sentence("engine.is_folder", "it is a folder");
	else
		opened_ = std::move(opened);
	if (!opened_)
		return;
	for (const DWORD number :
	     {information.dwVolumeSerialNumber, information.nFileIndexHigh, information.nFileIndexLow,
	      information.nFileSizeHigh, information.nFileSizeLow, information.ftLastWriteTime.dwHighDateTime,
	      information.ftLastWriteTime.dwLowDateTime})
		identity_ += std::to_string(number) + ' ';
}

uintmax_t InputFile::size() const
{
	LARGE_INTEGER bytes{};
	if (!GetFileSizeEx(handle_of(opened()), &bytes))
		throw Error(words_for(GetLastError()));
	return static_cast<uintmax_t>(bytes.QuadPart);
}

// With a position of its own each time, so that threads do not move each other's.
size_t InputFile::read(uintmax_t position, void *bytes, size_t count) const
{
	const HANDLE file = handle_of(opened());
	if (position > static_cast<uintmax_t>(std::numeric_limits<int64_t>::max()) - count)
		return 0;                        // no file is that long
	constexpr size_t most = size_t{1} << 30; // what is asked for at once has 32 bits
	size_t done = 0;
	while (done < count) {
		const uintmax_t from = position + done;
		OVERLAPPED where{};
		where.Offset = static_cast<DWORD>(from);
		where.OffsetHigh = static_cast<DWORD>(from >> 32);
		DWORD part = 0;
		if (!ReadFile(file, static_cast<char *>(bytes) + done, static_cast<DWORD>(std::min(count - done, most)),
			      &part, &where) &&
		    GetLastError() != ERROR_HANDLE_EOF)
			throw Error(words_for(GetLastError()));
		if (part == 0)
			break;
		done += part;
	}
	return done;
}

std::shared_ptr<const std::string_view> InputFile::map() const
{
	const size_t bytes = size();
	const HANDLE section = CreateFileMappingW(handle_of(opened()), nullptr, PAGE_READONLY, 0, 0, nullptr);
	const void *start = section ? MapViewOfFile(section, FILE_MAP_READ, 0, 0, bytes) : nullptr;
	if (section)
		CloseHandle(section); // what is mapped keeps it
	if (!start)
		throw Error("engine.not_mapped", "it cannot be mapped into memory");
	return {new std::string_view(static_cast<const char *>(start), bytes), [start](const auto *mapped) {
			UnmapViewOfFile(start);
			delete mapped;
		}};
}

} // namespace matting
