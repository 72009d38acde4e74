// SPDX-License-Identifier: GPL-2.0-or-later
// Text is UTF-8 everywhere: inference/cli/utf8.manifest says so of the program, and the functions that end in W need no more
// than std::filesystem::path.
#include "platform.hpp"

#include <cstdlib>
#include <system_error>

#include <io.h>
#include <windows.h>

namespace matting {

std::filesystem::path program_path()
{
	std::wstring name(32768, L'\0'); // the longest that there is
	name.resize(GetModuleFileNameW(nullptr, name.data(), static_cast<DWORD>(name.size())));
	return name;
}

// Nobody else's folders: not the current one, nor PATH's. What a library needs may lie beside it. Here all find all functions.
void *load_library(const std::filesystem::path &path, bool /*for_all*/)
{
	const DWORD beside = path.is_absolute() ? LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR : 0;
	return LoadLibraryExW(path.c_str(), nullptr, LOAD_LIBRARY_SEARCH_DEFAULT_DIRS | beside);
}

bool is_cut_off(const std::filesystem::path & /*library*/)
{
	return false; // Windows looks itself
}

void *find_function(void *library, const char *name)
{
	return reinterpret_cast<void *>(GetProcAddress(static_cast<HMODULE>(library), name));
}

std::string library_problem()
{
	return std::system_category().message(static_cast<int>(GetLastError()));
}

bool has_cuda_driver()
{
	static const bool has = LoadLibraryExW(L"nvcuda.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32) != nullptr;
	return has;
}

const char *const libtorch_cuda_name = "torch_cuda.dll";
const std::array<const char *, 2> libcurl_names{"libcurl-x64.dll", "libcurl.dll"};

bool is_terminal(std::FILE *stream)
{
	return _isatty(_fileno(stream)) != 0;
}

void set_default_variable(const char *name, const char *value)
{
	if (!std::getenv(name))
		_putenv_s(name, value);
}

// A terminal is told that what it shows is UTF-8, and that it may be sent what erases a line.
void prepare_process()
{
	SetConsoleOutputCP(CP_UTF8);
	const HANDLE terminal = GetStdHandle(STD_ERROR_HANDLE);
	if (DWORD mode = 0; GetConsoleMode(terminal, &mode))
		SetConsoleMode(terminal, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

void give_back_freed_memory() {} // what is large goes back by itself
void share_freed_memory() {}     // as all threads do here

} // namespace matting
