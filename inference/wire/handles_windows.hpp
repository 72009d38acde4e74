// SPDX-License-Identifier: GPL-2.0-or-later
// Handles are 32 bits wide, whatever their type says, so that they fit into int.
#pragma once

#include <cstdint>

#include <windows.h>

namespace matting {

inline HANDLE handle_of(int number)
{
	return reinterpret_cast<HANDLE>(static_cast<intptr_t>(number));
}

inline int number_of(HANDLE handle)
{
	return static_cast<int>(reinterpret_cast<intptr_t>(handle));
}

} // namespace matting
