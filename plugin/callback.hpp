// SPDX-License-Identifier: GPL-2.0-or-later
// Member functions as callbacks of libobs: exceptions stop here, with a line in the log.
#pragma once

#include <exception>

#include <obs-module.h>

namespace matting {

inline void log_exception(const std::exception &error)
{
	blog(LOG_ERROR, "[background-matting] %s", error.what());
}

template<auto method> struct Callback;

template<typename Class, typename Result, typename... Arguments, Result (Class::*method)(Arguments...)>
struct Callback<method> {
	static Result call(void *self, Arguments... arguments) noexcept
	try {
		return (static_cast<Class *>(self)->*method)(arguments...);
	} catch (const std::exception &error) {
		log_exception(error);
		return Result();
	}
};

/// `info.update = callback<&MattingFilter::update>;`
template<auto method> inline constexpr auto callback = &Callback<method>::call;

} // namespace matting
