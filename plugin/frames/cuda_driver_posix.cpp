// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_driver.hpp"

#include <dlfcn.h>

namespace matting {

void *open_cuda_driver()
{
	return dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
}

void *find_cuda_function(void *driver, const char *name)
{
	return dlsym(driver, name);
}

} // namespace matting
