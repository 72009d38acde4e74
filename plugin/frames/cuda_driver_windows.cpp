// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_driver.hpp"

#include <windows.h>

namespace matting {

void *open_cuda_driver()
{
	return LoadLibraryExW(L"nvcuda.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
}

void *find_cuda_function(void *driver, const char *name)
{
	return reinterpret_cast<void *>(GetProcAddress(static_cast<HMODULE>(driver), name));
}

} // namespace matting
