// SPDX-License-Identifier: GPL-2.0-or-later
// See Note [OBS's toolkit].
#include "held_control.hpp"

#include <windows.h>

namespace matting {
namespace {

bool is_list_open()
{
	const HMODULE qt = GetModuleHandleW(L"Qt6Widgets.dll");
	if (!qt)
		return false;
	void *found =
		reinterpret_cast<void *>(GetProcAddress(qt, "?activePopupWidget@QApplication@@SAPEAVQWidget@@XZ"));
	auto *active_popup = reinterpret_cast<const void *(*)()>(found);
	return active_popup && active_popup();
}

bool is_down(int button)
{
	constexpr int down = 0x8000;
	return (GetAsyncKeyState(button) & down) != 0;
}

} // namespace

bool is_control_held()
{
	return is_list_open() || is_down(VK_LBUTTON) || is_down(VK_RBUTTON);
}

} // namespace matting
