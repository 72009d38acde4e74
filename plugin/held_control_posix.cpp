// SPDX-License-Identifier: GPL-2.0-or-later
// Note [OBS's toolkit]
// libobs does not tell what the user holds. Qt does, which OBS's program has loaded, 5 or 6: functions of it, and its
// descriptions of its classes, are looked up by name, so that the plugin neither links Qt nor needs it.
#include "held_control.hpp"

#include <initializer_list>

#include <dlfcn.h>

namespace matting {
namespace {

template<typename Result> Result call(const char *name)
{
	auto *function = reinterpret_cast<Result (*)()>(dlsym(RTLD_DEFAULT, name));
	return function ? function() : Result();
}

} // namespace

bool is_control_held()
{
	const void *popup = call<const void *>("_ZN12QApplication17activePopupWidgetEv");
	const void *dialog = call<const void *>("_ZN12QApplication17activeModalWidgetEv");
	const auto buttons = call<unsigned>("_ZN15QGuiApplication12mouseButtonsEv"); // flags, as wide as an int
	return popup || dialog || buttons != 0;
}

const void *focused_text()
{
	const void *focused = call<const void *>("_ZN12QApplication11focusWidgetEv");
	auto *cast = reinterpret_cast<const void *(*)(const void *description, const void *object)>(
		dlsym(RTLD_DEFAULT, "_ZNK11QMetaObject4castEPK7QObject"));
	if (!focused || !cast)
		return nullptr;
	for (const char *name : {"_ZN9QLineEdit16staticMetaObjectE", "_ZN16QAbstractSpinBox16staticMetaObjectE",
				 "_ZN14QPlainTextEdit16staticMetaObjectE"})
		if (const void *description = dlsym(RTLD_DEFAULT, name); description && cast(description, focused))
			return focused;
	return nullptr;
}

} // namespace matting
