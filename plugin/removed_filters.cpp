// SPDX-License-Identifier: GPL-2.0-or-later
#include "removed_filters.hpp"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace matting {
namespace {

/// What is known of things with a name that a source had. Weak: another source may have the address and the name of one that went.
template<typename Value> class Memory {
public:
	void put(obs_source_t *parent, const std::string &name, Value value)
	{
		take(parent, name);
		const std::lock_guard lock(mutex_);
		entries_.push_back({OBSGetWeakRef(parent), name, std::move(value)});
	}

	std::optional<Value> take(obs_source_t *parent, const std::string &name)
	{
		const std::lock_guard lock(mutex_);
		std::erase_if(entries_, [](const Entry &entry) { return obs_weak_source_expired(entry.parent); });
		const auto found = std::ranges::find_if(entries_, [&](const Entry &entry) {
			return entry.name == name && obs_weak_source_references_source(entry.parent, parent);
		});
		if (found == entries_.end())
			return std::nullopt;
		std::optional<Value> value(std::move(found->value));
		entries_.erase(found);
		return value;
	}

	void clear()
	{
		const std::lock_guard lock(mutex_);
		entries_.clear();
	}

private:
	struct Entry {
		OBSWeakSource parent;
		std::string name;
		Value value;
	};
	std::mutex mutex_;
	std::vector<Entry> entries_;
};

Memory<Kept> &filters()
{
	static Memory<Kept> filters;
	return filters;
}

Memory<OBSDataArray> &hotkeys()
{
	static Memory<OBSDataArray> hotkeys;
	return hotkeys;
}

std::string name_of(obs_source_t *source)
{
	const char *name = obs_source_get_name(source);
	return name ? name : "";
}

} // namespace

void remember_removed(obs_source_t *parent, obs_source_t *filter, const Kept &kept)
{
	filters().put(parent, name_of(filter), kept);
}

std::optional<Kept> take_removed(obs_source_t *parent, obs_source_t *filter)
{
	return filters().take(parent, name_of(filter));
}

void remember_keys(obs_source_t *parent, const std::string &hotkey, obs_data_array_t *keys)
{
	hotkeys().put(parent, hotkey, keys);
}

OBSDataArray take_keys(obs_source_t *parent, const std::string &hotkey)
{
	return hotkeys().take(parent, hotkey).value_or(nullptr);
}

void forget_removed()
{
	filters().clear();
	hotkeys().clear();
}

} // namespace matting
