// SPDX-License-Identifier: GPL-2.0-or-later
#include "filters_before.hpp"

#include "graphics.hpp"

#include <algorithm>
#include <array>
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
		return obs_data_get_json(object);
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
	std::string text;
};

} // namespace

uint32_t fingerprint_of_filters_before(obs_source_t *source)
{
	OBSSourceAutoRelease parent;
	{
		const GraphicsLock lock; // so that it stays until it is ours, too
		parent = obs_source_get_ref(obs_filter_get_parent(source));
	}
	if (!parent)
		return 0;
	Search search{source, false, {}};
	obs_source_enum_filters( // in the order in which they work
		parent,
		[](obs_source_t *, obs_source_t *filter, void *data) {
			auto &found = *static_cast<Search *>(data);
			found.has_ended = found.has_ended || filter == found.end;
			if (found.has_ended || !changes_the_picture(filter))
				return;
			OBSDataAutoRelease settings = obs_source_get_settings(filter);
			found.text += fmt::format("{}\n{}", obs_source_get_unversioned_id(filter), text_of(settings));
		},
		&search);
	return hash(search.text);
}

} // namespace matting
