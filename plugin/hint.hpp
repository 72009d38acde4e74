// SPDX-License-Identifier: GPL-2.0-or-later
// What a control explains where the pointer rests.
#pragma once

#include "text.hpp"

#include <string>

namespace matting {

/// As HTML, so that OBS wraps its lines.
inline void set_hint(obs_property_t *property, const std::string &words)
{
	std::string html = "<p>";
	for (const char letter : words)
		html += letter == '\n'  ? "</p><p>"
			: letter == '<' ? "&lt;"
			: letter == '&' ? "&amp;"
					: std::string(1, letter);
	obs_property_set_long_description(property, (html + "</p>").c_str());
}

/// The text of a control: its name, and ".hint".
inline std::string hint(const std::string &name)
{
	return text(name + ".hint");
}

inline obs_property_t *with_hint(obs_property_t *property)
{
	set_hint(property, hint(obs_property_name(property)));
	return property;
}

} // namespace matting
