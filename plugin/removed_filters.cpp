// SPDX-License-Identifier: GPL-2.0-or-later
#include "removed_filters.hpp"

#include <map>
#include <mutex>
#include <utility>

namespace matting {
namespace {

using Names = std::pair<std::string, std::string>; // the parent's, the filter's

struct Removed {
	std::mutex mutex;
	std::map<Names, Kept> filters;
};

Removed &removed()
{
	static Removed removed;
	return removed;
}

Names names_of(obs_source_t *parent, obs_source_t *filter)
{
	const auto name_of = [](obs_source_t *source) {
		const char *name = obs_source_get_name(source);
		return std::string(name ? name : "");
	};
	return {name_of(parent), name_of(filter)};
}

} // namespace

void remember_removed(obs_source_t *parent, obs_source_t *filter, const Kept &kept)
{
	const std::lock_guard lock(removed().mutex);
	removed().filters.insert_or_assign(names_of(parent, filter), kept);
}

std::optional<Kept> find_removed(obs_source_t *parent, obs_source_t *filter)
{
	const std::lock_guard lock(removed().mutex);
	const auto found = removed().filters.find(names_of(parent, filter));
	return found == removed().filters.end() ? std::nullopt : std::optional(found->second);
}

} // namespace matting
