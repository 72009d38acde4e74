// SPDX-License-Identifier: GPL-2.0-or-later
// Note [OBS's frontend]
// Who saves scenes is not libobs, but OBS's program, which has loaded a library for plugins that want that. Its function is looked
// up by name, so that the plugin neither links the library nor needs it. See also Note [OBS's toolkit].
#include "obs_frontend.hpp"

#include <dlfcn.h>

namespace matting {

void save_scenes()
{
	if (auto *save = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "obs_frontend_save")))
		save();
}

} // namespace matting
