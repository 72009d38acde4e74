// SPDX-License-Identifier: GPL-2.0-or-later
#include "description.hpp"

#include <string>

#include <fmt/format.h>

namespace matting {
namespace {

std::string text_of(const Json &value)
{
	return value.is_string() ? value.get<std::string>() : value.is_null() ? "none" : value.dump();
}

void print_text(const Json &description, int indent)
{
	for (const auto &[key, value] : description.items()) {
		if (value.is_object()) {
			fmt::print("{:{}}{}:\n", "", indent, key);
			print_text(value, indent + 2);
			continue;
		}
		const Json none = "none";
		const Json lines = !value.is_array() ? Json{value} : value.empty() ? Json{none} : value;
		for (size_t i = 0; i < lines.size(); i++)
			fmt::print("{:{}}{:<{}} {}\n", "", indent, i == 0 ? key + ":" : "", 30 - indent,
				   text_of(lines[i]));
	}
}

} // namespace

void print_description(const Json &description, bool as_json)
{
	if (as_json)
		fmt::print("{}\n",
			   description.dump(2, ' ', false, Json::error_handler_t::replace)); // names of any bytes
	else
		print_text(description, 0);
}

} // namespace matting
