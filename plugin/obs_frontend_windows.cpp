// SPDX-License-Identifier: GPL-2.0-or-later
// See Note [OBS's frontend].
#include "obs_frontend.hpp"

#include <windows.h>

namespace matting {

void save_scenes()
{
	const HMODULE library = GetModuleHandleW(L"obs-frontend-api.dll");
	void *save = library ? reinterpret_cast<void *>(GetProcAddress(library, "obs_frontend_save")) : nullptr;
	if (save)
		reinterpret_cast<void (*)()>(save)();
}

} // namespace matting
