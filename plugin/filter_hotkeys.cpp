// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter_hotkeys.hpp"

#include "text.hpp"

#include <utility>

namespace matting {

FilterHotkeys::Ids FilterHotkeys::none()
{
	Ids ids;
	ids.fill(OBS_INVALID_HOTKEY_ID);
	return ids;
}

void FilterHotkeys::unregister(const Ids &ids)
{
	for (const obs_hotkey_id id : ids)
		if (id != OBS_INVALID_HOTKEY_ID)
			obs_hotkey_unregister(id);
}

bool FilterHotkeys::is_wrong(obs_source_t *parent, const char *name) const
{
	return parent && name && parent != removed_from_ && (parent != parent_ || name_ != name);
}

bool FilterHotkeys::needs_update(obs_source_t *source)
{
	obs_source_t *parent = obs_filter_get_parent(source);
	const std::lock_guard lock(mutex_);
	if (!parent)
		removed_from_ = nullptr;
	if (is_queued_ || !is_wrong(parent, obs_source_get_name(source)))
		return false;
	is_queued_ = true;
	return true;
}

void FilterHotkeys::update(obs_source_t *source, const FilterParent &its_parent)
{
	const OBSSource held = its_parent.of(source);
	obs_source_t *parent = held;
	const char *name = obs_source_get_name(source);
	Ids present;
	{
		const std::lock_guard lock(mutex_);
		is_queued_ = false;
		if (!is_wrong(parent, name))
			return;
		name_ = name;
		present = std::exchange(parent_, parent) == parent ? ids_ : none();
	}
	if (present == none())
		return replace(add(parent, name), /*unless_removed_from=*/parent);
	for (size_t i = 0; i < count; i++)
		obs_hotkey_set_description(present[i], text(std::string("hotkey.") + hotkey_names[i], name).c_str());
}

FilterHotkeys::Ids FilterHotkeys::add(obs_source_t *parent, const std::string &name)
{
	constexpr std::array<obs_hotkey_func, count> presses{press<0>, press<1>, press<2>};
	Ids ids;
	for (size_t i = 0; i < count; i++)
		ids[i] = obs_hotkey_register_source(
			parent, fmt::format("background_matting.{}.{}", hotkey_names[i], series_).c_str(),
			text(std::string("hotkey.") + hotkey_names[i], name).c_str(), presses[i], this);
	return ids;
}

void FilterHotkeys::replace(Ids added, obs_source_t *unless_removed_from)
{
	Ids old;
	{
		const std::lock_guard lock(mutex_);
		const bool is_late = unless_removed_from && unless_removed_from == removed_from_;
		old = is_late ? added : std::exchange(ids_, added);
	}
	unregister(old);
}

// One may be registered at this moment, and libobs still says for a while that there is a parent.
void FilterHotkeys::remove()
{
	{
		const std::lock_guard lock(mutex_);
		removed_from_ = std::exchange(parent_, nullptr);
	}
	replace(none(), nullptr);
}

} // namespace matting
