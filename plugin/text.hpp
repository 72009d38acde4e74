// SPDX-License-Identifier: GPL-2.0-or-later
// What the user reads: the texts of data/locale.
#pragma once

#include "inference/wire/protocol.hpp"

#include <string>

#include <fmt/format.h>
#include <obs-module.h>

namespace matting {

/// A text by its key.
inline const char *text(const std::string &key)
{
	return obs_module_text(key.c_str());
}

/// The same with its places filled in, or, where a translation's places are wrong, as it is.
template<typename... Arguments>
requires(sizeof...(Arguments) > 0) std::string text(const std::string &key, const Arguments &...arguments)
{
	try {
		return fmt::format(fmt::runtime(text(key)), arguments...);
	} catch (const fmt::format_error &) {
		return text(key);
	}
}

/// What is said in Note [Sentences] of inference/sentence.hpp, in the user's language.
inline std::string translated(const std::string &words)
{
	return Sentences::said(words, [](const std::string &key, const std::string &english) {
		const std::string found = text(key);
		return found == key ? english : found;
	});
}

} // namespace matting
