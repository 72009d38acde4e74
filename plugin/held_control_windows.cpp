// SPDX-License-Identifier: GPL-2.0-or-later
// See Note [OBS's toolkit].
#include "held_control.hpp"

#include <windows.h>

namespace matting {
namespace {

// That Qt's function of this name finds.
bool has_widget(const char *name)
{
	const HMODULE qt = GetModuleHandleW(L"Qt6Widgets.dll");
	void *found = qt ? reinterpret_cast<void *>(GetProcAddress(qt, name)) : nullptr;
	auto *widget = reinterpret_cast<const void *(*)()>(found);
	return widget && widget();
}

bool is_down(int button)
{
	constexpr int down = 0x8000;
	return (GetAsyncKeyState(button) & down) != 0;
}

} // namespace

bool is_control_held()
{
	return has_widget("?activePopupWidget@QApplication@@SAPEAVQWidget@@XZ") ||
	       has_widget("?activeModalWidget@QApplication@@SAPEAVQWidget@@XZ") || is_down(VK_LBUTTON) ||
	       is_down(VK_RBUTTON);
}

} // namespace matting
