// SPDX-License-Identifier: GPL-2.0-or-later
// See Note [OBS's toolkit].
#include "held_control.hpp"

#include <algorithm>
#include <initializer_list>

#include <windows.h>

namespace matting {
namespace {

// Whether one of Qt's functions of these names finds a widget.
bool has_widget(std::initializer_list<const char *> names)
{
	const HMODULE qt = GetModuleHandleW(L"Qt6Widgets.dll");
	return qt && std::ranges::any_of(names, [qt](const char *name) {
		       auto *widget =
			       reinterpret_cast<const void *(*)()>(reinterpret_cast<void *>(GetProcAddress(qt, name)));
		       return widget && widget();
	       });
}

bool is_down(int button)
{
	constexpr int down = 0x8000;
	return (GetAsyncKeyState(button) & down) != 0;
}

} // namespace

bool is_control_held()
{
	return has_widget({"?activePopupWidget@QApplication@@SAPEAVQWidget@@XZ",
			   "?activeModalWidget@QApplication@@SAPEAVQWidget@@XZ"}) ||
	       is_down(VK_LBUTTON) || is_down(VK_RBUTTON);
}

const void *focused_text()
{
	return nullptr; // its names in Qt for Windows have never been tried
}

} // namespace matting
