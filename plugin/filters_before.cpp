// SPDX-License-Identifier: GPL-2.0-or-later
#include "filters_before.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <obs.hpp>

namespace matting {
namespace {

uint32_t hash(std::string_view text) // FNV-1a
{
	uint32_t value = 2166136261;
	for (const char letter : text)
		value = (value ^ static_cast<unsigned char>(letter)) * 16777619;
	return value;
}

// As they are after a restart, too: a number that was written as a whole one is read as one.
std::string number(double value)
{
	return fmt::format("{:.17g}", value);
}

// Nothing for the default.
std::string value_of(obs_data_item_t *item)
{
	if (!obs_data_item_has_user_value(item))
		return {};
	const bool has_default = obs_data_item_has_default_value(item);
	const auto unless_default = [has_default](const auto &value, const auto &initial) {
		return has_default && value == initial ? std::string() : std::string(value);
	};
	switch (obs_data_item_gettype(item)) {
	case OBS_DATA_STRING:
		return unless_default(std::string(obs_data_item_get_string(item)),
				      std::string(has_default ? obs_data_item_get_default_string(item) : ""));
	case OBS_DATA_NUMBER:
		return unless_default(number(obs_data_item_get_double(item)),
				      number(obs_data_item_get_default_double(item)));
	case OBS_DATA_BOOLEAN:
		return unless_default(std::string(obs_data_item_get_bool(item) ? "true" : "false"),
				      std::string(obs_data_item_get_default_bool(item) ? "true" : "false"));
	case OBS_DATA_OBJECT: {
		OBSDataAutoRelease object = obs_data_item_get_obj(item);
		const char *json = object ? obs_data_get_json(object) : nullptr;
		return json ? json : "";
	}
	default:
		return {};
	}
}

std::string text_of(obs_data_t *settings)
{
	std::vector<std::string> lines;
	for (obs_data_item_t *item = obs_data_first(settings); item; obs_data_item_next(&item))
		if (const std::string value = value_of(item); !value.empty())
			lines.push_back(fmt::format("{}={}\n", obs_data_item_get_name(item), value));
	std::ranges::sort(lines);
	std::string text;
	for (const std::string &line : lines)
		text += line;
	return text;
}

// Those that only delay, and ours.
bool changes_the_picture(obs_source_t *filter)
{
	constexpr std::array<std::string_view, 3> others{"gpu_delay", "async_delay_filter", "background_matting"};
	const bool has_picture = obs_source_get_output_flags(filter) & OBS_SOURCE_VIDEO;
	return has_picture && obs_source_enabled(filter) &&
	       std::ranges::find(others, std::string_view(obs_source_get_unversioned_id(filter))) == others.end();
}

struct Search {
	obs_source_t *end;
	bool has_ended;
	std::vector<OBSSource> found;
	std::exception_ptr problem;
};

// libobs is C, and holds a lock around this: nothing is thrown through it.
void look_at(obs_source_t *, obs_source_t *filter, void *data) noexcept
{
	auto &search = *static_cast<Search *>(data);
	search.has_ended = search.has_ended || filter == search.end;
	if (search.has_ended)
		return;
	try {
		search.found.emplace_back(filter);
	} catch (...) {
		search.problem = std::current_exception();
	}
}

std::vector<OBSSource> filters_before(obs_source_t *filter, obs_source_t *parent)
{
	Search search{filter, false, {}, {}};
	obs_source_enum_filters(parent, look_at, &search); // in the order in which they work
	if (search.problem)
		std::rethrow_exception(search.problem);
	return search.found;
}

} // namespace

uint32_t fingerprint_of_filters_before(obs_source_t *filter, obs_source_t *parent)
{
	if (!parent)
		return 0;
	std::string text;
	for (const OBSSource &before : filters_before(filter, parent)) {
		if (!before || !changes_the_picture(before)) // null: it is just going
			continue;
		OBSDataAutoRelease settings = obs_source_get_settings(before);
		text += fmt::format("{}\n{}", obs_source_get_unversioned_id(before), text_of(settings));
	}
	return hash(text);
}

} // namespace matting
