// SPDX-License-Identifier: GPL-2.0-or-later
// OpenGL, as far as the driver's stand-in needs it; found at run time, as libobs does.
#pragma once

#include <dlfcn.h>

namespace cuda_stand_in::opengl {

template<typename Function> Function *gl(const char *name)
{
	static void *egl = dlopen("libEGL.so.1", RTLD_NOW);
	static auto *find = reinterpret_cast<void *(*)(const char *)>(dlsym(egl, "eglGetProcAddress"));
	return reinterpret_cast<Function *>(find(name));
}

inline constexpr unsigned texture_2d = 0x0DE1, texture_binding = 0x8069, rgba = 0x1908, rgba8 = 0x8058, bytes = 0x1401;
inline constexpr unsigned level_width = 0x1000, level_height = 0x1001, level_format = 0x1003;
inline constexpr unsigned pack_buffer = 0x88EB, unpack_buffer = 0x88EC, pack_binding = 0x88ED, unpack_binding = 0x88EF;

inline int integer(unsigned name)
{
	int value = 0;
	gl<void(unsigned, int *)>("glGetIntegerv")(name, &value);
	return value;
}

inline int level(unsigned name)
{
	int value = 0;
	gl<void(unsigned, int, unsigned, int *)>("glGetTexLevelParameteriv")(texture_2d, 0, name, &value);
	return value;
}

/// Binds a texture for a scope, and leaves everything as it was.
struct Bound {
	explicit Bound(unsigned texture)
		: before(integer(texture_binding)), pack(integer(pack_binding)), unpack(integer(unpack_binding))
	{
		bind(texture, 0, 0);
	}
	~Bound() { bind(before, pack, unpack); }
	static void bind(unsigned texture, unsigned pack, unsigned unpack)
	{
		gl<void(unsigned, unsigned)>("glBindTexture")(texture_2d, texture);
		gl<void(unsigned, unsigned)>("glBindBuffer")(pack_buffer, pack);
		gl<void(unsigned, unsigned)>("glBindBuffer")(unpack_buffer, unpack);
	}
	const unsigned before, pack, unpack;
};

inline bool exists(unsigned texture)
{
	return gl<unsigned char(unsigned)>("glIsTexture")(texture) != 0;
}

} // namespace cuda_stand_in::opengl
